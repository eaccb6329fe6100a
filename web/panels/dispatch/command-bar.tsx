import { t } from '@gh/i18n'
import { useSend, useTable } from '@gh/live'
import { KeyCap, Refused, Unanswered, useHotkeys } from '@gh/ui'
import { useRef, useState } from 'react'
import { ADDRESS_EVENT } from './address.tsx'
import { NODE_KEYS, parseLine } from './model.ts'

const KEYS = ['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'P', 'Ctrl L', 'Esc'] as const

/** `/s A-01 cd` sets a node, `/z text` searches an address; the keys of the desk beside it. */
export function CommandBar({ onRefresh }: { onRefresh: () => void }) {
  const units = useTable('units')
  const input = useRef<HTMLInputElement>(null)
  const { send, refusal, dismiss } = useSend()
  const [text, setText] = useState('')
  const [said, setSaid] = useState('')
  useHotkeys({
    '/': () => {
      input.current?.focus()
      setText('/')
    },
    F5: onRefresh,
  })
  async function run(): Promise<void> {
    const line = parseLine(text, units)
    dismiss()
    if (line.kind === 'wrong') {
      setSaid(t(`command.${line.code}`, { keys: Object.keys(NODE_KEYS).join(' ') }))
      return
    }
    if (line.kind === 'address') {
      window.dispatchEvent(new CustomEvent(ADDRESS_EVENT, { detail: line.text }))
      setText('')
      setSaid('')
      return
    }
    const done = await send({
      kind: 'mission.reach',
      mission_id: line.unit.mission_id,
      milestone: line.milestone,
      source: 'dispatcher',
    })
    if (done) {
      setSaid(`✓ ${line.unit.call_sign} ${t(`milestone.${line.milestone}`)}`)
      setText('')
      input.current?.blur()
    } else setSaid('')
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
          onChange={(event) => {
            setText(event.target.value)
            setSaid('')
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              setText('')
              setSaid('')
              input.current?.blur()
            }
          }}
          data-testid="command"
        />
      </form>
      {said ? (
        <span className="said" role="status" data-testid="command-said">
          {said}
        </span>
      ) : null}
      <Refused refusal={refusal} dismiss={dismiss} />
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
