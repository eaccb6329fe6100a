import { type CallRow, clear, Disposition } from '@gh/contract'
import { duration, t } from '@gh/i18n'
import { useLimits, useLoaded, useNow, useSend, useTable, uuid7 } from '@gh/live'
import {
  Button,
  Dialog,
  Empty,
  Refused,
  Skeleton,
  useAudioReady,
  useHotkeys,
  useTone,
} from '@gh/ui'
import { useState } from 'react'
import { useDesk } from './desk.tsx'
import { ringingOf, stripOf } from './model.ts'
import { Seats } from './seats.tsx'
import { NewStandby } from './standby.tsx'

/** Every call that is not over, with its seconds. Never modal. */
export function PhoneStrip() {
  const calls = useTable('calls').filter((call) => !call.node)
  const loaded = useLoaded()
  const desk = useDesk()
  const { send, refusal, dismiss } = useSend()
  const [typing, setTyping] = useState(false)
  const [planning, setPlanning] = useState(false)
  const [ending, setEnding] = useState<CallRow | null>(null)
  const ringing = ringingOf(calls)
  const audible = useAudioReady()
  useTone('ring', ringing.length > 0)

  async function answer(call: CallRow): Promise<void> {
    if (await send({ kind: 'call.answer', call_id: call.id })) desk.openCall(call)
  }
  async function ringBack(call: CallRow, reached: boolean): Promise<void> {
    const done = await send({ kind: 'call.ring_back', call_id: call.id, reached })
    if (done && reached) desk.openCall(call)
  }
  const oldest = ringing[0]
  useHotkeys({
    F1: () => {
      if (oldest) void answer(oldest)
    },
    F2: () => setTyping(true),
  })

  const strip = stripOf(calls, desk.seat)
  return (
    <section className="phone" aria-label={t('phone.title')} data-testid="phone-strip">
      {loaded ? null : (
        <div className="gh-panel">
          <Skeleton rows={2} />
        </div>
      )}
      {loaded && strip.length === 0 ? (
        <div className="gh-panel quiet">
          <Empty title={t('phone.empty')} hint={audible ? undefined : t('phone.no_sound')} />
        </div>
      ) : null}
      {strip.length > 0 ? (
        <div className="calls">
          {strip.map((call) => (
            <CallCell
              key={call.id}
              call={call}
              first={call.id === oldest?.id}
              mine={call.owner === desk.seat}
              selected={call.id === desk.call?.id}
              onOpen={() => desk.openCall(call)}
              onAnswer={() => void answer(call)}
              onRingBack={(reached) => void ringBack(call, reached)}
              onEnd={() => setEnding(call)}
            />
          ))}
        </div>
      ) : null}
      <div className="gh-panel more">
        <Seats />
        <span className="gh-s cnt">
          {t('phone.counts', {
            ringing: ringing.length,
            talking: calls.filter((c) => c.state === 'answered').length,
            abandoned: calls.filter((c) => c.state === 'abandoned').length,
          })}
        </span>
        <Button keycap="F2" onClick={() => setTyping(true)} data-testid="new-call">
          {t('phone.new')}
        </Button>
        <Button onClick={() => setPlanning(true)} data-testid="new-standby">
          {t('standby.new')}
        </Button>
        {refusal ? (
          <div className="floating">
            <Refused refusal={refusal} dismiss={dismiss} />
          </div>
        ) : null}
      </div>
      {planning ? <NewStandby onClose={() => setPlanning(false)} /> : null}
      {typing ? <NewCall onClose={() => setTyping(false)} /> : null}
      {ending ? <EndCall call={ending} onClose={() => setEnding(null)} /> : null}
    </section>
  )
}

interface CellProps {
  call: CallRow
  first: boolean
  mine: boolean
  selected: boolean
  onOpen: () => void
  onAnswer: () => void
  onRingBack: (reached: boolean) => void
  onEnd: () => void
}

function CallCell(props: CellProps) {
  const { call, first, mine } = props
  const now = useNow()
  const since =
    call.state === 'answered'
      ? (call.answered_ms ?? call.rang_ms)
      : call.state === 'abandoned'
        ? (call.abandoned_ms ?? call.rang_ms)
        : call.rang_ms
  const seconds = (now - since) / 1000
  const ring_s = useLimits()?.ring_s
  const late = call.state === 'ringing' && ring_s !== undefined && seconds > ring_s
  const classes = ['gh-panel', 'tel', call.state, late ? 'late' : '', props.selected ? 'sel' : '']
  return (
    <div className={classes.join(' ')} data-testid={`call-${call.id}`} data-state={call.state}>
      <div className={`sec${late ? ' gh-over' : ''}`}>
        <b>{duration(seconds)}</b>
        <span>{t(`state.${call.state}`)}</span>
      </div>
      <button type="button" className="who" onClick={props.onOpen}>
        <span className="gh-ell">
          <b>{call.number || t(call.line === 'typed' ? 'phone.typed' : 'phone.no_number')}</b>
          {call.ring_backs > 0 ? (
            <span className="gh-tag">{t('phone.ring_backs', { n: call.ring_backs })}</span>
          ) : null}
        </span>
        <span className="gh-m gh-s gh-ell">
          {call.owner ? `${t('app.seat', { seat: call.owner })} · ` : ''}
          {call.location?.label || call.fields.what || t('phone.no_location')}
        </span>
      </button>
      <span className="acts">
        {call.state === 'ringing' ? (
          <Button
            look="primary"
            keycap={first ? 'F1' : undefined}
            onClick={props.onAnswer}
            data-testid={first ? 'answer' : undefined}
          >
            {t('phone.answer')}
          </Button>
        ) : null}
        {call.state === 'abandoned' ? (
          <>
            <Button onClick={() => props.onRingBack(true)}>{t('phone.reached')}</Button>
            <Button onClick={() => props.onRingBack(false)}>{t('phone.not_reached')}</Button>
            <Button onClick={props.onEnd}>{t('phone.end')}</Button>
          </>
        ) : null}
        {call.state === 'answered' && mine ? (
          <Button onClick={props.onEnd}>{t('phone.end')}</Button>
        ) : null}
      </span>
    </div>
  )
}

/** A call without telephony: the number is typed. */
function NewCall({ onClose }: { onClose: () => void }) {
  const desk = useDesk()
  const { send, busy, refusal } = useSend()
  const [number, setNumber] = useState('')
  async function make(): Promise<void> {
    const call_id = uuid7()
    const rang = await send({
      kind: 'call.ring',
      call_id,
      number: clear(number.trim()),
      line: 'typed',
    })
    if (rang === null) return
    if ((await send({ kind: 'call.answer', call_id })) === null) return
    desk.openCall({ id: call_id, incident_id: '' })
    onClose()
  }
  return (
    <Dialog
      title={t('phone.new_title')}
      onClose={onClose}
      testid="new-call-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          <Button
            look="primary"
            keycap="↵"
            busy={busy}
            onClick={() => void make()}
            data-testid="new-call-go"
          >
            {t('phone.new_go')}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void make()
        }}
      >
        <label className="gh-field">
          <span>{t('phone.number')}</span>
          <input
            className="gh-input big"
            inputMode="tel"
            autoFocus
            value={number}
            onChange={(event) => setNumber(event.target.value)}
            data-testid="new-call-number"
          />
        </label>
      </form>
      <p className="gh-m">{t('phone.new_hint')}</p>
    </Dialog>
  )
}

/** Every call ends with a recorded disposition. */
export function EndCall({ call, onClose }: { call: CallRow; onClose: () => void }) {
  const desk = useDesk()
  const { send, busy, refusal } = useSend()
  const options = Disposition.filter((d) =>
    d === 'incident'
      ? call.incident_id !== ''
      : d === 'no_contact'
        ? call.state !== 'answered'
        : true,
  )
  async function end(disposition: Disposition): Promise<void> {
    if ((await send({ kind: 'call.end', call_id: call.id, disposition })) === null) return
    desk.leaveCall(call.id)
    onClose()
  }
  const keys = Object.fromEntries(
    options.map((d, i) => [String(i + 1), () => void end(d)] as const),
  )
  useHotkeys(keys, true, true)
  return (
    <Dialog
      title={t('phone.end_title', { number: call.number ?? '' })}
      onClose={onClose}
      testid="end-call-dialog"
      footer={refusal ? <Refused refusal={refusal} /> : undefined}
    >
      <div className="gh-choices">
        {options.map((disposition, i) => (
          <Button
            key={disposition}
            keycap={String(i + 1)}
            busy={busy}
            onClick={() => void end(disposition)}
            data-testid={`end-${disposition}`}
          >
            {t(`disposition.${disposition}`)}
          </Button>
        ))}
      </div>
    </Dialog>
  )
}
