/** The burned surface by regions of the body and palms, and what the fluid formula says of it. */
import { type BurnAnswer, query } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Dialog, ErrorNote, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { dayTime } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { say } from '../dispatch/words.ts'
import './burn-help.css'
import { TimeBox } from './time-box.tsx'

/** Of a region: none, a quarter, half, three quarters, all of it. */
const SHARES = [0, 0.25, 0.5, 0.75, 1] as const
const MAX_PALMS = 100

interface Props {
  patientId: string
  onTake: (pct: number) => void
}

export function BurnHelp({ patientId, onTake }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        className="tap rec-help"
        onClick={() => setOpen(true)}
        data-testid="burn-help"
      >
        {t('record.burn_help')}
      </button>
      {open && (
        <BurnDialog
          patientId={patientId}
          onTake={(pct) => {
            onTake(pct)
            setOpen(false)
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

function BurnDialog({ patientId, onTake, onClose }: Props & { onClose: () => void }) {
  const [shares, setShares] = useState<Record<string, number>>({})
  const [palms, setPalms] = useState(0)
  const [burned_at_ms, setBurnedAt] = useState<number | null>(null)
  const burned = Object.entries(shares)
    .filter(([, share]) => share > 0)
    .map(([region, share]) => `${region}:${share}`)
    .join(',')
  const answer = useGet<BurnAnswer>(
    query(`/api/patients/${patientId}/burns`, {
      burned,
      palms,
      burned_at_ms: burned_at_ms ?? undefined,
    }),
    { keep: true },
  )
  const found = answer.data
  const pct = found?.tbsa_pct ?? null
  return (
    <Dialog
      title={t('record.burn_title')}
      onClose={onClose}
      testid="burn-dialog"
      footer={
        <Button
          look="primary"
          disabled={pct === null}
          onClick={() => pct !== null && onTake(pct)}
          data-testid="burn-take"
        >
          {t('record.burn_take', { pct: pct ?? '--' })}
        </Button>
      }
    >
      {answer.isError ? (
        <ErrorNote what={t('record.burn_failed')} retry={() => void answer.refetch()} />
      ) : found === undefined ? (
        <Skeleton rows={8} />
      ) : found.regions.length === 0 ? (
        <p className="un">{t('record.burn_no_age')}</p>
      ) : (
        <div className="rec-burns">
          <p className="mu">{t('record.burn_hint')}</p>
          <table>
            <tbody>
              {found.regions.map((region) => (
                <tr key={region.id}>
                  <th scope="row">
                    {say(region)} <small>{region.pct} %</small>
                  </th>
                  <td className="rec-taps">
                    {SHARES.map((share) => (
                      <button
                        key={share}
                        type="button"
                        className="tap"
                        aria-pressed={(shares[region.id] ?? 0) === share}
                        onClick={() => setShares({ ...shares, [region.id]: share })}
                        data-testid={`burn-${region.id}-${share * 100}`}
                      >
                        {share === 0 ? t('record.burn_none') : `${share * 100} %`}
                      </button>
                    ))}
                  </td>
                </tr>
              ))}
              <tr>
                <th scope="row">{t('record.burn_palms')}</th>
                <td className="rec-taps">
                  <button
                    type="button"
                    className="tap"
                    onClick={() => setPalms(Math.max(0, palms - 1))}
                    aria-label={t('record.burn_fewer')}
                  >
                    −
                  </button>
                  <b data-testid="burn-palms">{palms}</b>
                  <button
                    type="button"
                    className="tap"
                    onClick={() => setPalms(Math.min(MAX_PALMS, palms + 1))}
                    aria-label={t('record.burn_more')}
                    data-testid="burn-palm-more"
                  >
                    +
                  </button>
                </td>
              </tr>
              <tr>
                <th scope="row">{t('record.burn_at')}</th>
                <td>
                  <TimeBox value={burned_at_ms} onWrite={setBurnedAt} />
                </td>
              </tr>
            </tbody>
          </table>
          <p className="rec-burn-sum" data-testid="burn-sum">
            <b>{t('record.burn_sum', { pct: pct ?? '--' })}</b>
          </p>
          <Fluid found={found} />
        </div>
      )}
    </Dialog>
  )
}

function Fluid({ found }: { found: BurnAnswer }) {
  const { fluid } = found
  if (fluid === null) return <p className="un">{t('record.burn_no_weight')}</p>
  const until = (at_ms: number | null) => (at_ms === null ? '' : dayTime(at_ms))
  return (
    <div data-testid="burn-fluid">
      <p>
        {t('record.burn_fluid', {
          total: Math.round(fluid.total_ml),
          first: Math.round(fluid.first_ml),
          hours: found.fluid_h,
          first_hours: found.first_h,
        })}{' '}
        {fluid.first_until_ms === null
          ? t('record.burn_no_time')
          : t('record.burn_until', {
              first: until(fluid.first_until_ms),
              all: until(fluid.until_ms),
            })}
      </p>
      <p className="un">
        {t('record.burn_formula', {
          ml: found.ml_per_kg_pct,
          kg: found.weight_kg ?? '--',
          table: found.table,
        })}
      </p>
    </div>
  )
}
