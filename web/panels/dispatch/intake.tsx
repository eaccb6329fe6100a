import { type CallField, type CallRow, clear, type IncidentRow } from '@gh/contract'
import { clockTime, t } from '@gh/i18n'
import { useLoaded, useNow, useSend, useTable } from '@gh/live'
import { Button, Elapsed, Empty, Refused, Skeleton } from '@gh/ui'
import { Fragment, useEffect, useId, useRef, useState } from 'react'
import { Address } from './address.tsx'
import { ReasonDialog } from './case-dialogs.tsx'
import { CopyNote } from './copy-note.tsx'
import { useDesk } from './desk.tsx'
import { Duplicates } from './duplicates.tsx'
import { type About, sameAbout } from './model.ts'
import { EndCall } from './phone-strip.tsx'
import { spanText } from './standby.tsx'
import { Transfer } from './transfer.tsx'

/** Counts the emergencies that came onto the desk one after the other. */
function useTurn(about: About): number {
  const [turn, setTurn] = useState({ ...about, n: 0 })
  if (turn.callId === about.callId && turn.incidentId === about.incidentId) return turn.n
  const next = { ...about, n: sameAbout(turn, about) ? turn.n : turn.n + 1 }
  setTurn(next)
  return next.n
}

/** The call and the case that it opened: who calls, from where, what they said. */
export function Intake() {
  const desk = useDesk()
  const loaded = useLoaded()
  const { call, incident } = desk
  const turn = useTurn({ callId: call?.id ?? '', incidentId: incident?.id ?? '' })
  return (
    <section className="gh-panel intake" aria-label={t('intake.title')} data-testid="intake">
      {call === undefined && incident === undefined ? (
        loaded ? (
          <Empty title={t('intake.empty')} hint={t('intake.empty_hint')} />
        ) : (
          <Skeleton rows={8} />
        )
      ) : (
        // What was typed or asked for one caller must not be there for the next.
        <Fragment key={turn}>
          <Head call={call} incident={incident} />
          <div className="pad">
            {incident?.node ? <CopyNote node={incident.node} /> : <Address />}
            <Duplicates />
            {call ? <Fields key={call.id} call={call} /> : <Told incident={incident} />}
          </div>
        </Fragment>
      )}
    </section>
  )
}

function Head({
  call,
  incident,
}: {
  call: CallRow | undefined
  incident: IncidentRow | undefined
}) {
  const desk = useDesk()
  const now = useNow()
  const [ending, setEnding] = useState(false)
  const missions = useTable('missions').filter((m) => m.incident_id === incident?.id)
  const running = missions.some((m) => m.ended_ms === null)
  const [dialog, setDialog] = useState<'close' | 'reopen' | null>(null)
  const waiting = incident?.state === 'open' && incident.dispatched_ms === null
  const limit = incident?.dispatch_target_s ?? null
  const waited = incident ? (now - incident.waiting_since_ms) / 1000 : 0
  const late = waiting && limit !== null && waited > limit
  return (
    <div className="inhead">
      <div className="l">
        <div className="gh-row">
          <b className="number" data-testid="case-number">
            {incident?.number || t('intake.no_case')}
          </b>
          {incident?.state === 'closed' ? (
            <span className="gh-tag">{t('state.closed')}</span>
          ) : null}
          <span className="gh-sp" />
          {call?.state === 'answered' && call.owner === desk.seat ? (
            <Button onClick={() => setEnding(true)} data-testid="end-call">
              {t('phone.end')}
            </Button>
          ) : null}
          {call && !incident && !call.incident_id ? (
            <Button
              look="primary"
              busy={desk.intake.busy}
              onClick={() => void desk.ensureIncident()}
              data-testid="open-incident"
            >
              {t('intake.open')}
            </Button>
          ) : null}
          {incident?.state === 'open' ? <Transfer key={incident.id} incident={incident} /> : null}
          {incident?.state === 'open' && !running && !incident.node ? (
            <Button onClick={() => setDialog('close')} data-testid="close-incident">
              {t('intake.close')}
            </Button>
          ) : null}
          {incident?.state === 'closed' && !incident.node ? (
            <Button onClick={() => setDialog('reopen')} data-testid="reopen-incident">
              {t('intake.reopen')}
            </Button>
          ) : null}
        </div>
        <div className="gh-row">
          <b>{call?.number || (call ? t('phone.no_number') : '')}</b>
          {call?.state === 'answered' ? (
            <span className="gh-row gh-s gh-m">
              <i className="talk" />
              {t('intake.talking')}
              {call.owner && call.owner !== desk.seat
                ? ` · ${t('app.seat', { seat: call.owner })}`
                : ''}
            </span>
          ) : null}
          <span className="gh-m gh-ell">
            {call
              ? t('intake.answered_at', { at: clockTime(call.answered_ms ?? call.rang_ms) })
              : incident?.standby
                ? spanText(incident)
                : t('intake.calls', { n: incident?.calls.length ?? 0 })}
            {incident && incident.calls.length > 1
              ? ` · ${t('intake.calls', { n: incident.calls.length })}`
              : ''}
          </span>
        </div>
        <Refused refusal={desk.intake.refusal} dismiss={desk.intake.dismiss} />
      </div>
      {incident && incident.standby === null ? (
        <div className={`bigclock${late ? ' gh-over' : ''}`}>
          {waiting ? (
            <>
              <b>
                <Elapsed since_ms={incident.waiting_since_ms} />
              </b>
              <span>
                {t('intake.waiting')}
                {limit !== null ? <br /> : null}
                {limit !== null ? t('intake.target', { s: limit }) : ''}
                {late ? <br /> : null}
                {late ? t('intake.over', { s: Math.floor(waited - (limit ?? 0)) }) : ''}
              </span>
            </>
          ) : incident.dispatched_ms !== null ? (
            <>
              <b>
                <Elapsed
                  since_ms={incident.waiting_since_ms}
                  until_ms={incident.dispatched_ms}
                  limit_s={limit}
                />
              </b>
              <span>
                {t('intake.to_dispatch')}
                <br />
                {limit !== null ? t('intake.target', { s: limit }) : ''}
                {limit !== null ? <br /> : null}
                {clockTime(incident.dispatched_ms)}
              </span>
            </>
          ) : (
            <span>{t('intake.never_dispatched')}</span>
          )}
        </div>
      ) : null}
      {ending && call ? <EndCall call={call} onClose={() => setEnding(false)} /> : null}
      {dialog && incident ? (
        <ReasonDialog
          title={t(`intake.${dialog}_title`, { number: incident.number })}
          choices={t(`intake.${dialog}_reasons`).split('|')}
          command={(reason) => ({
            kind: dialog === 'close' ? 'incident.close' : 'incident.reopen',
            incident_id: incident.id,
            reason,
          })}
          onClose={() => setDialog(null)}
        />
      ) : null}
    </div>
  )
}

const FIELDS: { field: CallField; wide: boolean; rows: number }[] = [
  { field: 'what', wide: true, rows: 2 },
  { field: 'callback', wide: false, rows: 1 },
  { field: 'patient_name', wide: false, rows: 1 },
  { field: 'meeting_point', wide: false, rows: 1 },
  { field: 'note', wide: true, rows: 1 },
]

function Fields({ call }: { call: CallRow }) {
  return (
    // The caller of a copied case is at the other node's desk, and what is written down is there.
    <fieldset className="fields" disabled={call.node !== ''}>
      {FIELDS.map(({ field, wide, rows }) => (
        <AutoField key={field} call={call} field={field} wide={wide} rows={rows} />
      ))}
    </fieldset>
  )
}

const AUTOSAVE_MS = 1_200

/** Saved by itself: a pause in typing, or leaving the field or its call, is enough. */
function AutoField({
  call,
  field,
  wide,
  rows,
}: {
  call: CallRow
  field: CallField
  wide: boolean
  rows: number
}) {
  const saved = call.fields[field] ?? ''
  const [text, setText] = useState(saved)
  const [state, setState] = useState<'same' | 'typing' | 'saving' | 'saved'>('same')
  const { send, refusal, dismiss } = useSend()
  const id = useId()
  const sent = useRef(saved)
  const strokes = useRef(0)
  const line = useRef<Promise<unknown>>(Promise.resolve())
  const focused = useRef(false)

  // Another seat's words arrive; what is being typed here is never overwritten.
  useEffect(() => {
    if (!focused.current && saved !== sent.current) {
      sent.current = saved
      setText(saved)
    }
  }, [saved])

  async function save(value: string): Promise<void> {
    if (value === sent.current) return
    sent.current = value
    setState('saving')
    const typed = strokes.current
    // One after the other: while a line comes back, an older text could arrive last.
    const turn = line.current.then(() =>
      send({ kind: 'call.record_field', call_id: call.id, field, value: clear(value) }),
    )
    line.current = turn
    const done = await turn
    if (!done && sent.current === value) sent.current = saved
    if (strokes.current === typed) setState(done ? 'saved' : 'typing')
  }
  const latest = useRef({ save, text })
  useEffect(() => {
    latest.current = { save, text }
  })
  useEffect(() => {
    if (state !== 'typing') return
    const timer = setTimeout(() => void latest.current.save(text), AUTOSAVE_MS)
    return () => clearTimeout(timer)
  }, [text, state])
  // Another call came onto the desk: what was typed until then belongs to this one.
  useEffect(() => () => void latest.current.save(latest.current.text), [])

  const shared = {
    id,
    className: 'gh-input',
    value: text,
    'data-testid': `field-${field}`,
    onFocus: () => {
      focused.current = true
    },
    onBlur: () => {
      focused.current = false
      void save(text)
    },
  }
  const type = (value: string) => {
    strokes.current += 1
    setText(value)
    setState('typing')
  }
  return (
    <div className={`gh-field${wide ? ' wide' : ''}`}>
      <span>
        <label htmlFor={id}>{t(`field.${field}`)}</label>{' '}
        <span className={state === 'saved' ? 'gh-goodt' : ''} data-state={state}>
          {state === 'saving' ? t('ui.saving') : state === 'saved' ? `✓ ${t('ui.saved')}` : ''}
        </span>
      </span>
      {rows > 1 ? (
        <textarea {...shared} rows={rows} onChange={(event) => type(event.target.value)} />
      ) : (
        <input {...shared} onChange={(event) => type(event.target.value)} />
      )}
      <Refused refusal={refusal} dismiss={dismiss} />
    </div>
  )
}

/** A case whose calls have ended: what was written down, to read. */
function Told({ incident }: { incident: IncidentRow | undefined }) {
  const calls = useTable('calls').filter((call) => incident?.calls.includes(call.id))
  const last = calls.at(-1)
  if (last === undefined) {
    return <p className="gh-m">{t(incident?.standby ? 'standby.no_call' : 'intake.no_call')}</p>
  }
  return <Fields key={last.id} call={last} />
}
