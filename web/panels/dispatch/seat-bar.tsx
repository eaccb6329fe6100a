/** A centre's fallback seat: how it stands with its centre; at the centre itself there is nothing. */
import { type MissionRow, Refusal, request, type SeatStatus } from '@gh/contract'
import { clockTime, duration, t } from '@gh/i18n'
import { useNow, useTable } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Dialog, type LinkLight, Refused } from '@gh/ui'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useGet } from '../care/query.ts'

const PATH = '/api/seat'
const ASK_MS = 2_000

/** Undefined at a centre, and until the seat has answered. */
export function useFallbackSeat(): SeatStatus | undefined {
  const path = useSession()?.fallback_seat ? PATH : null
  return useGet<SeatStatus>(path, { every_ms: ASK_MS, stale_ms: 0 }).data
}

/** For the header: since when the seat decides alone. */
export const aloneText = (seat: SeatStatus | undefined): string | undefined =>
  seat?.mode === 'alone' && seat.since_ms !== null
    ? t('seat.alone_since', { time: clockTime(seat.since_ms) })
    : undefined

const lastWord = (seat: SeatStatus): string =>
  seat.last_contact_ms === null
    ? t('seat.never_heard')
    : t('seat.last_heard', { time: clockTime(seat.last_contact_ms) })

export function centreLight(seat: SeatStatus | undefined): LinkLight[] {
  if (seat === undefined) return []
  const light: LinkLight = {
    key: 'centre',
    label: t('seat.centre'),
    state: seat.connected ? 'ok' : 'bad',
    detail: seat.connected ? undefined : lastWord(seat),
  }
  return [light]
}

/** Sent alone and not yet acknowledged: their crews do not know it unless somebody tells them. */
export const toTell = (missions: readonly MissionRow[], since_ms: number | null): MissionRow[] =>
  since_ms === null
    ? []
    : missions.filter((one) => one.state === 'assigned' && (one.assigned_ms ?? 0) >= since_ms)

export function SeatBar({ seat }: { seat: SeatStatus | undefined }) {
  const now = useNow()
  const missions = useTable('missions')
  if (seat === undefined) return null
  const silent_s = Math.max(0, (now - (seat.last_contact_ms ?? now)) / 1000)
  return (
    <div className={`seatbar ${seat.mode}`} role="status" data-testid="seat-bar">
      {seat.mode === 'centre' ? (
        <>
          <b>{t('seat.standby', { seat: seat.seat })}</b>
          {seat.connected ? (
            <span>{t('seat.work_there')}</span>
          ) : (
            <span>{t('seat.just_lost', { age: duration(silent_s) })}</span>
          )}
          <a href={seat.centre_url} data-testid="seat-centre">
            {t('seat.open_centre')}
          </a>
        </>
      ) : null}
      {seat.mode === 'silent' ? (
        <>
          <b>{t('seat.silent')}</b>
          <span>{lastWord(seat)}</span>
          <Begin />
        </>
      ) : null}
      {seat.mode === 'alone' ? (
        <>
          <b>{aloneText(seat)}</b>
          <span>{lastWord(seat)}</span>
          <span data-testid="seat-pending">{t('seat.pending', { n: seat.pending })}</span>
          {seat.connected ? <span>{t('seat.uniting')}</span> : null}
          <ToTell missions={toTell(missions, seat.since_ms)} phones={seat.phones} />
        </>
      ) : null}
      {seat.aside > 0 ? (
        <b className="aside" data-testid="seat-aside">
          {t('seat.aside', { n: seat.aside })} {seat.aside_units.join(t('ui.comma'))}
        </b>
      ) : null}
    </div>
  )
}

function ToTell({
  missions,
  phones,
}: {
  missions: readonly MissionRow[]
  phones: Record<string, string>
}) {
  if (missions.length === 0) return null
  return (
    <span className="tell" data-testid="seat-tell">
      {t('seat.tell')}
      {missions.map((one) => (
        <b key={one.id}>
          {one.call_sign} {phones[one.unit_id] ?? t('seat.no_phone')}
        </b>
      ))}
    </span>
  )
}

/** The press by which the seat decides alone, asked twice. */
function Begin() {
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  async function go() {
    setBusy(true)
    setRefusal(null)
    try {
      await request<SeatStatus>('POST', `${PATH}/alone`)
      setAsking(false)
    } catch (caught) {
      setRefusal(caught instanceof Refusal ? caught : new Refusal('no_answer'))
    }
    setBusy(false)
    await queries.invalidateQueries({ queryKey: ['get', PATH] })
  }
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)} data-testid="seat-begin">
        {t('seat.begin')}
      </Button>
      {asking ? (
        <Dialog
          title={t('seat.begin')}
          onClose={() => setAsking(false)}
          testid="seat-dialog"
          footer={
            <>
              <Refused refusal={refusal} />
              <Button onClick={() => setAsking(false)}>{t('ui.cancel')}</Button>
              <Button
                look="danger"
                busy={busy}
                onClick={() => void go()}
                data-testid="seat-confirm"
              >
                {t('seat.begin')}
              </Button>
            </>
          }
        >
          <p>{t('seat.begin_means')}</p>
        </Dialog>
      ) : null}
    </>
  )
}
