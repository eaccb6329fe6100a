/** The desk's choice of a hospital for a run: with a reason, and second to what the crew chooses later. */
import { type HospitalRow, type MissionRow, query, type RankedHospital } from '@gh/contract'
import { duration, named, t } from '@gh/i18n'
import { useSend, useTable } from '@gh/live'
import { Assumed, Button, Dialog, Empty, ErrorNote, Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { useMove } from '../care/move-prealert.ts'
import { useGet } from '../care/query.ts'
import { bedKind, capability, reason as reasonWords } from '../care/words.ts'

export function DestinationDialog({
  mission,
  onClose,
}: {
  mission: MissionRow
  onClose: () => void
}) {
  const { send, busy, refusal } = useSend()
  const hospitals = useTable('hospitals')
  const { standing, move } = useMove(mission, send)
  const ranking = useGet<RankedHospital[]>(
    query('/api/hospitals/rank', { mission_id: mission.id }),
    { every_ms: 20_000 },
  )
  const [reason, setReason] = useState('')
  const ready = reason.trim() !== ''
  const nameOf = (id: string) => {
    const row = hospitals.find((h) => h.id === id)
    return row ? named(row) : id
  }

  async function choose(hospital_id: string, reasons: string[], eta_s: number | null) {
    if (await move({ hospital_id, reasons, eta_s, reason: reason.trim() })) onClose()
  }

  const plain = hospitals.map((h) => ({ hospital_id: h.id, reasons: [] as string[] }))
  const offered: { hospital_id: string; reasons: string[]; ranked?: RankedHospital }[] =
    ranking.data?.map((r) => ({ hospital_id: r.hospital_id, reasons: r.reasons, ranked: r })) ??
    (ranking.isError ? plain : [])
  return (
    <Dialog
      title={t('run.destination_title', { unit: mission.call_sign })}
      onClose={onClose}
      testid="destination-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {ready ? null : <span className="gh-warnt">{t('run.destination_need_reason')}</span>}
        </>
      }
    >
      <p className="gh-m">
        {t('run.destination_hint')}{' '}
        {standing.map((h) => t('run.destination_withdraw', { hospital: nameOf(h.hospital_id) }))}
      </p>
      <div className="gh-choices">
        {t('run.destination_reasons')
          .split('|')
          .map((choice, i) => (
            <Button
              key={choice}
              on={reason === choice}
              onClick={() => setReason(choice)}
              data-testid={`destination-reason-${i + 1}`}
            >
              {choice}
            </Button>
          ))}
      </div>
      <label className="gh-field">
        <span>{t('ui.reason')}</span>
        <input
          className="gh-input"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          data-testid="destination-reason"
        />
      </label>
      {ranking.isPending ? <Skeleton rows={4} /> : null}
      {ranking.isError ? (
        <ErrorNote
          what={t('run.destination_failed')}
          works={t('run.destination_failed_works')}
          retry={() => void ranking.refetch()}
        />
      ) : null}
      {!ranking.isPending && offered.length === 0 ? (
        <Empty title={t('run.destination_none')} />
      ) : null}
      <ul className="rows">
        {offered.map(({ hospital_id, reasons, ranked }) => (
          <li key={hospital_id} className="gh-row" data-testid={`destination-${hospital_id}`}>
            <b className="num">{ranked?.eta_s == null ? '—' : duration(ranked.eta_s)}</b>
            <span className="gh-ell">
              <b>{nameOf(hospital_id)}</b>{' '}
              {hospitals.find((h) => h.id === hospital_id)?.assumed ? <Assumed /> : null}{' '}
              <span className="gh-m gh-s">{facts(ranked, hospitals, hospital_id)}</span>
            </span>
            <span className="gh-sp" />
            {hospital_id === mission.destination_id ? (
              <span className="gh-tag">{t('run.destination_current')}</span>
            ) : ready ? (
              <Button
                busy={busy}
                onClick={() => void choose(hospital_id, reasons, ranked?.eta_s ?? null)}
                data-testid={`send-to-${hospital_id}`}
              >
                {t('run.destination_choose')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

/** Why, or why not: in the words of the crew's own list. */
function facts(
  ranked: RankedHospital | undefined,
  hospitals: readonly HospitalRow[],
  id: string,
): string {
  if (ranked !== undefined) return ranked.reasons.map(reasonWords).join(' · ')
  const row = hospitals.find((h) => h.id === id)
  const beds = Object.entries(row?.free_beds ?? {}).map(([kind, n]) => `${bedKind(kind)} ${n}`)
  return [...(row?.capabilities ?? []).map(capability), ...beds].join(' · ')
}
