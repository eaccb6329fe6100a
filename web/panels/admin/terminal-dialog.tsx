/** A vehicle terminal from afar: how it stands, its newest frames, and what it is asked. */
import {
  type Device,
  type DriverSaid,
  type Order,
  type OrderRow,
  type Refusal,
  request,
  type TerminalAnswer,
} from '@gh/contract'
import { clockTime, dayTime, t, tOr } from '@gh/i18n'
import { uuid7 } from '@gh/live'
import { Button, Dialog, Empty, ErrorNote, Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { codeOf, useGet } from '../care/query.ts'
import { asRefusal, Field } from './person-dialog.tsx'
import { TerminalMedia } from './terminal-media.tsx'
import { TerminalTrace } from './terminal-trace.tsx'

const LOOK_MS = 2_000
const HEX = 16
/** Those whose meaning the server knows. */
const PARAMETERS = [
  0x0001, 0x0002, 0x0003, 0x0010, 0x0013, 0x0017, 0x0018, 0x0020, 0x0027, 0x0028, 0x0029, 0x002c,
  0x0055, 0x0080, 0x0083,
]
const KINDS = [
  'query_parameters',
  'set_parameter',
  'query_position',
  'query_driver',
  'track',
  'text',
] as const
type Kind = (typeof KINDS)[number]

const idText = (id: number): string => `0x${id.toString(HEX).toUpperCase().padStart(4, '0')}`
const nameOf = (id: number): string => tOr(`terminal.p.${idText(id)}`, idText(id))

interface Props {
  device: Device
  title: string
  onClose: () => void
}

export function TerminalDialog({ device, title, onClose }: Props) {
  const path = `/api/admin/terminals/${encodeURIComponent(device.id)}`
  const found = useGet<TerminalAnswer>(path, {
    every_ms: LOOK_MS,
    stale_ms: 0,
    may_come: true,
  })
  return (
    <Dialog title={t('terminal.of', { name: title })} onClose={onClose} testid="terminal-dialog">
      {found.isPending ? (
        <Skeleton rows={6} />
      ) : found.isError && codeOf(found.error) === 'absent' ? (
        <Empty title={t('terminal.never')} hint={t('terminal.never_hint')} />
      ) : found.data === undefined ? (
        <ErrorNote
          what={t('terminal.failed')}
          works={t('admin.others_work')}
          retry={() => void found.refetch()}
        />
      ) : (
        <div className="ad-terminal">
          <State answer={found.data} />
          {found.data.state.driver && <DriverCard said={found.data.state.driver} />}
          <Ask path={path} onAsked={() => void found.refetch()} />
          <Orders rows={found.data.orders} />
          <TerminalMedia
            path={path}
            orders={found.data.orders}
            onAsked={() => void found.refetch()}
          />
          <TerminalTrace path={path} newest={found.data.state.trace} />
        </div>
      )}
    </Dialog>
  )
}

function State({ answer }: { answer: TerminalAnswer }) {
  const { state } = answer
  return (
    <p data-testid="terminal-state">
      <b className={state.connected ? 'ok' : 'un'}>
        {t(state.connected ? 'terminal.connected' : 'terminal.gone')}
      </b>{' '}
      JT/T 808-{state.edition} · {state.peer} ·{' '}
      {t('terminal.since', { at: dayTime(state.since_ms) })}
      {' · '}
      {t('terminal.last', { at: clockTime(state.last_ms), n: state.frames })}
      {' · '}
      <span className={state.bad > 0 ? 'un' : undefined}>
        {t('terminal.bad', { n: state.bad })} {state.last_bad}
      </span>
    </p>
  )
}

/** Of a driver the card alone; the person is not told to this page. */
function DriverCard({ said }: { said: DriverSaid }) {
  const at = said.said_ms === null ? '--' : dayTime(said.said_ms)
  const read = said.card === 'removed' || said.result === 'read'
  return (
    <p data-testid="terminal-driver" title={t('terminal.driver_why')}>
      {t('terminal.driver')} {t(`terminal.card.${said.card || 'unsaid'}`, { at })}
      {said.card !== 'removed' && (
        <>
          {' · '}
          <span className={read ? undefined : 'un'}>
            {tOr(`terminal.card.${said.result}`, t('terminal.card.other', { code: said.result }))}
          </span>
        </>
      )}
      {said.certificate && ` · ${t('terminal.driver_ends', { number: said.certificate })}`}
      {said.issuer && ` · ${said.issuer}`}
      {said.valid_until && ` · ${t('terminal.driver_valid', { day: said.valid_until })}`}
      {' · '}
      <span className="gh-m">{t('terminal.driver_heard', { at: dayTime(said.heard_ms) })}</span>
    </p>
  )
}

function Ask({ path, onAsked }: { path: string; onAsked: () => void }) {
  const [kind, setKind] = useState<Kind>('query_position')
  const [parameter, setParameter] = useState(0x0029)
  const [value, setValue] = useState('')
  const [interval, setInterval] = useState('5')
  const [duration, setDuration] = useState('300')
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)

  /** What a kind does not need is 0 or empty. */
  const order = (): Order => ({
    kind,
    parameter_id: kind === 'set_parameter' ? parameter : 0,
    value: kind === 'set_parameter' ? value.trim() : '',
    interval_s: kind === 'track' ? Number(interval) || 0 : 0,
    duration_s: kind === 'track' ? Number(duration) || 0 : 0,
    text: kind === 'text' ? text.trim() : '',
    channel: 0,
  })

  async function ask() {
    setBusy(true)
    setRefusal(null)
    try {
      await request('POST', `${path}/orders`, { id: uuid7(), order: order() })
      onAsked()
    } catch (caught) {
      setRefusal(asRefusal(caught))
    } finally {
      setBusy(false)
    }
  }

  const input = (label: string, now: string, change: (text: string) => void, testid: string) => (
    <Field label={label}>
      <input
        className="gh-input"
        value={now}
        autoComplete="off"
        onChange={(event) => change(event.target.value)}
        data-testid={testid}
      />
    </Field>
  )
  return (
    <form
      className="ad-form"
      onSubmit={(event) => {
        event.preventDefault()
        void ask()
      }}
    >
      <Field label={t('terminal.ask')}>
        <select
          className="gh-input"
          value={kind}
          onChange={(event) => setKind(event.target.value as Kind)}
          data-testid="order-kind"
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`terminal.kind.${one}`)}
            </option>
          ))}
        </select>
      </Field>
      {kind === 'set_parameter' && (
        <>
          <Field label={t('terminal.parameter')}>
            <select
              className="gh-input"
              value={parameter}
              onChange={(event) => setParameter(Number(event.target.value))}
              data-testid="order-parameter"
            >
              {PARAMETERS.map((id) => (
                <option key={id} value={id}>
                  {idText(id)} {nameOf(id)}
                </option>
              ))}
            </select>
          </Field>
          {input(t('terminal.value'), value, setValue, 'order-value')}
        </>
      )}
      {kind === 'track' && (
        <>
          {input(t('terminal.interval'), interval, setInterval, 'order-interval')}
          {input(t('terminal.duration'), duration, setDuration, 'order-duration')}
        </>
      )}
      {kind === 'text' && input(t('terminal.text'), text, setText, 'order-text')}
      <div className="ad-form-do">
        <Refused refusal={refusal} />
        <Button look="primary" submit busy={busy} data-testid="order-go">
          {t('terminal.go')}
        </Button>
      </div>
    </form>
  )
}

function Orders({ rows }: { rows: readonly OrderRow[] }) {
  if (rows.length === 0) return null
  return (
    <table className="ad-table" data-testid="terminal-orders">
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td className="num">{clockTime(row.asked_ms)}</td>
            <td>
              {t(`terminal.kind.${row.order.kind}`)}
              {row.order.kind === 'set_parameter' &&
                ` ${nameOf(row.order.parameter_id ?? 0)} = ${row.order.value}`}
              {row.order.kind === 'take_picture' &&
                ` · ${t('terminal.media.by', { n: row.order.channel })}`}
            </td>
            <td className={row.outcome === 'done' ? 'ok' : row.outcome === '' ? 'gh-m' : 'un'}>
              {row.order.kind === 'text' && row.outcome === 'done'
                ? t(`terminal.read.${row.read || 'none'}`, { at: clockTime(row.read_ms ?? 0) })
                : t(`terminal.outcome.${row.outcome || 'waiting'}`)}
            </td>
            <td>
              {row.place}
              {row.parameters.map((one) => (
                <span key={one.parameter_id} className="ad-told">
                  {nameOf(one.parameter_id)} <b>{one.value}</b>
                </span>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
