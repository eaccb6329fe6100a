import { t } from '@gh/i18n'
import { useSend, useTable } from '@gh/live'
import { KeyCap, LevelBadge, Refused, StateRing, Unanswered, useHotkeys } from '@gh/ui'
import { useRef, useState } from 'react'
import { ADDRESS_EVENT } from './address.tsx'
import { shortNumber } from './board-parts.tsx'
import { type Hint, hintsOf, NODE_KEYS, parseLine } from './command-line.ts'
import { useDesk, useDispatch } from './desk.tsx'

const KEYS = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'P', 'Ctrl L', 'Esc'] as const
const HINTS = 9

/** What can be typed, said while it is typed; the keys of the desk beside it. */
export function CommandBar({ onRefresh }: { onRefresh: () => void }) {
  const desk = useDesk()
  const units = useTable('units')
  const incidents = useTable('incidents')
  const missions = useTable('missions')
  const dispatch = useDispatch()
  const input = useRef<HTMLInputElement>(null)
  const { send, refusal, dismiss } = useSend()
  const [text, setText] = useState('')
  const [said, setSaid] = useState('')
  const [chosen, setChosen] = useState(0)
  const [open, setOpen] = useState(false)
  const hints = open && text.startsWith('/') ? hintsOf(text, units, incidents).slice(0, HINTS) : []
  const type = (next: string) => {
    setText(next)
    setSaid('')
    setChosen(0)
  }
  useHotkeys({
    '/': () => {
      input.current?.focus()
      type('/')
    },
    F5: onRefresh,
  })
  function leave(): void {
    type('')
    input.current?.blur()
  }

  async function run(): Promise<void> {
    const line = parseLine(text, units, incidents)
    dismiss()
    dispatch.dismiss()
    switch (line.kind) {
      case 'wrong':
        setSaid(t(`command.${line.code}`, { keys: Object.keys(NODE_KEYS).join(' ') }))
        return
      case 'address':
        window.dispatchEvent(new CustomEvent(ADDRESS_EVENT, { detail: line.text }))
        type('')
        return
      case 'case':
        desk.openCase(line.incident.id)
        leave()
        return
      case 'show': {
        const mission = missions.find((m) => m.id === line.unit.mission_id)
        if (mission) desk.openMission(mission)
        else desk.pickUnit(line.unit.id)
        leave()
        return
      }
      case 'send': {
        if (desk.incident === undefined) {
          setSaid(t('command.no_case'))
          return
        }
        const number = shortNumber(desk.incident.number)
        if (await dispatch.assign(line.unit.id)) {
          leave()
          setSaid(`✓ ${t('command.sent', { unit: line.unit.call_sign, number })}`)
        }
        return
      }
      case 'node': {
        const done = await send({
          kind: 'mission.reach',
          mission_id: line.unit.mission_id,
          milestone: line.milestone,
          source: 'dispatcher',
        })
        if (done) {
          leave()
          setSaid(`✓ ${line.unit.call_sign} ${t(`milestone.${line.milestone}`)}`)
        }
      }
    }
  }
  return (
    <footer className="keybar">
      <form
        className="cmd"
        onSubmit={(event) => {
          event.preventDefault()
          void run()
        }}
      >
        <KeyCap>/</KeyCap>
        <input
          ref={input}
          value={text}
          placeholder={t('command.hint')}
          aria-label={t('command.title')}
          role="combobox"
          aria-expanded={hints.length > 0}
          aria-controls="command-hints"
          autoComplete="off"
          onChange={(event) => type(event.target.value)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return
            const hint = hints[chosen]
            if (event.key === 'Escape') leave()
            else if (event.key === 'ArrowDown' && hints.length > 0)
              setChosen((chosen + 1) % hints.length)
            else if (event.key === 'ArrowUp' && hints.length > 0)
              setChosen((chosen + hints.length - 1) % hints.length)
            else if (event.key === 'Tab' && hint && !event.shiftKey) type(hint.line)
            else return
            event.preventDefault()
          }}
          data-testid="command"
        />
        {hints.length > 0 ? (
          <ul className="hints" id="command-hints" data-testid="command-hints">
            {hints.map((hint, i) => (
              <li key={hint.line}>
                <button
                  type="button"
                  tabIndex={-1}
                  className={i === chosen ? 'on' : ''}
                  onMouseDown={(event) => {
                    event.preventDefault()
                    type(hint.line)
                  }}
                >
                  <b>{hint.line.trim()}</b>
                  <HintText hint={hint} />
                  {i === chosen ? <KeyCap>Tab</KeyCap> : <span />}
                </button>
              </li>
            ))}
          </ul>
        ) : null}
      </form>
      {said ? (
        <span className="said" role="status" data-testid="command-said">
          {said}
        </span>
      ) : null}
      <Refused
        refusal={refusal ?? dispatch.refusal}
        dismiss={() => {
          dismiss()
          dispatch.dismiss()
        }}
      />
      <Unanswered />
      {KEYS.map((key) => (
        <span className="k" key={key}>
          <KeyCap>{key}</KeyCap>
          {t(`key.${key}`)}
        </span>
      ))}
      <span className="gh-sp" />
      <span className="gh-m gh-s">{t('command.ime')}</span>
    </footer>
  )
}

function HintText({ hint }: { hint: Hint }) {
  switch (hint.kind) {
    case 'verb':
      return <span className="gh-m">{t(`command.verb_${hint.verb}`)}</span>
    case 'node':
      return <span>{t(`milestone.${hint.milestone}`)}</span>
    case 'unit':
      return (
        <span className="gh-m">
          <StateRing state={hint.unit.state} /> {t(`state.${hint.unit.state}`)} ·{' '}
          {hint.unit.station_name}
        </span>
      )
    case 'case':
      return (
        <span className="gh-m gh-ell">
          <LevelBadge level={hint.incident.level} />{' '}
          {hint.incident.location?.label ?? t('case.no_location')}
        </span>
      )
  }
}
