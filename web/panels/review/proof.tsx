/** What can be shown to others: which seats had shown an event, and the case as sealed evidence. */
import {
  type LogRow,
  NoAnswer,
  type PaintedAnswer,
  query,
  Refusal,
  type VehicleClock,
} from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { Button, Dialog, Empty, ErrorNote, refusalText, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { clockTime, span } from '../care/format.ts'
import { codeOf, useGet } from '../care/query.ts'
import { Clocks } from './clocks.tsx'
import { save } from './csv.ts'

interface PaintedProps {
  incidentId: string
  event: LogRow
  sentence: string
  who: (actor: string) => string
  onClose: () => void
}

export function PaintedDialog({ incidentId, event, sentence, who, onClose }: PaintedProps) {
  const found = useGet<PaintedAnswer>(
    query(`/api/cases/${encodeURIComponent(incidentId)}/painted`, { event: event.id }),
  )
  return (
    <Dialog title={t('review.painted')} onClose={onClose} testid="painted">
      <p>
        <b className="num">{clockTime(event.received_ms)}</b> {sentence}
      </p>
      {found.isError ? (
        <ErrorNote
          what={tOr(`errors.${codeOf(found.error)}`, t('review.painted_failed'))}
          retry={() => void found.refetch()}
        />
      ) : !found.data ? (
        <Skeleton rows={4} />
      ) : found.data.delivery === null ? (
        <Empty title={t('review.not_delivered')} />
      ) : found.data.seats.length === 0 ? (
        <Empty title={t('review.no_seats')} hint={t('review.painted_hint')} />
      ) : (
        <>
          <table className="rv-table">
            <thead>
              <tr>
                <th>{t('review.by.seat')}</th>
                <th>{t('review.col_person')}</th>
                <th>{t('review.col_shown')}</th>
                <th>{t('review.col_after')}</th>
                <th>{t('review.col_before')}</th>
              </tr>
            </thead>
            <tbody>
              {found.data.seats.map((s) => (
                <tr key={`${s.seat}${s.person}`}>
                  <td>
                    <b>{t('app.seat', { seat: s.seat })}</b> {tOr(`role.${s.role}`, s.role)}
                  </td>
                  <td>{who(s.person) || s.person}</td>
                  <td className="num">
                    {s.at_ms === null ? (
                      <b className="un">{t('review.never_shown')}</b>
                    ) : (
                      clockTime(s.at_ms)
                    )}
                  </td>
                  <td className="num">
                    {s.at_ms !== null && span((s.at_ms - found.data.received_ms) / 1000)}
                  </td>
                  <td className="num gh-m">{s.before ?? t('review.not_open')}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="gh-m gh-s">
            {t('review.delivery', { n: found.data.delivery })} · {t('review.painted_hint')}
          </p>
        </>
      )}
    </Dialog>
  )
}

export function EvidenceDialog({
  incidentId,
  number,
  clocks,
  onClose,
}: {
  incidentId: string
  number: string
  clocks: readonly VehicleClock[]
  onClose: () => void
}) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState('')
  const fetchIt = async () => {
    setBusy(true)
    setProblem('')
    try {
      const answer = await fetch(`/api/cases/${encodeURIComponent(incidentId)}/evidence`, {
        credentials: 'same-origin',
      }).catch(() => {
        throw new NoAnswer()
      })
      if (!answer.ok) {
        const { code = '' } = (await answer.json().catch(() => ({}))) as { code?: string }
        throw new Refusal(code || `http_${answer.status}`)
      }
      save(`goldenhour-${number}.evidence`, await answer.blob())
      onClose()
    } catch (error) {
      setProblem(
        error instanceof Refusal
          ? refusalText(error)
          : tOr(`errors.${codeOf(error)}`, String(error)),
      )
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={t('review.evidence')}
      onClose={onClose}
      testid="evidence"
      footer={
        <Button look="primary" busy={busy} onClick={() => void fetchIt()} data-testid="evidence-go">
          {t('review.evidence_go')}
        </Button>
      }
    >
      <p>{t('review.evidence_what')}</p>
      <p className="gh-warnt">{t('review.evidence_personal')}</p>
      <Clocks clocks={clocks} />
      {problem !== '' && <ErrorNote what={problem} works={t('review.read_only')} />}
    </Dialog>
  )
}
