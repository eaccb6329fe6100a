/** Which hospital, and why not a nearer one; every fact with its age, invented ones marked. */
import {
  CAPABILITIES,
  type HandoverRow,
  type HospitalRow,
  type MissionRow,
  query,
  type RankedHospital,
} from '@gh/contract'
import { getLang, t } from '@gh/i18n'
import { useNow, useSend } from '@gh/live'
import { Assumed, ErrorNote, Refused, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { ageText, span } from '../care/format.ts'
import { useMove } from '../care/move-prealert.ts'
import { useGet } from '../care/query.ts'
import { bedKind, capability, reason } from '../care/words.ts'
import { Sheet } from './sheet.tsx'

const OFFERED: ReadonlySet<string> = new Set(CAPABILITIES)

interface Props {
  mission: MissionRow
  /** Of the patient on the screen. */
  handover: HandoverRow | undefined
  hospitals: readonly HospitalRow[]
  needs: readonly string[]
  onNeeds: (needs: readonly string[]) => void
  onChosen: (hospitalId: string) => void
  onClose: () => void
}

export function HospitalSheet(props: Props) {
  const { mission, handover, hospitals, needs } = props
  const ranked = useGet<RankedHospital[]>(
    query('/api/hospitals/rank', { mission_id: mission.id, needs: needs.join(',') || undefined }),
    { every_ms: 20_000 },
  )
  const { send, busy, refusal } = useSend()
  const { standing, move } = useMove(mission, send)
  const announced = standing.some((h) => h.id === handover?.id)
  const [chosen, setChosen] = useState('')

  async function choose(h: { hospital_id: string; reasons: string[]; eta_s: number | null }) {
    setChosen(h.hospital_id)
    const { hospital_id, reasons, eta_s } = h
    const done = await move({ hospital_id, reasons, eta_s }, (one) =>
      one.id === handover?.id ? needs : one.needs,
    )
    if (!done) return
    if (announced) props.onClose()
    else props.onChosen(hospital_id)
  }

  return (
    <Sheet title={t('crew.choose_hospital')} onClose={props.onClose} testId="hospital-sheet">
      <div className="crew-form hospitals">
        <Needs needs={needs} onNeeds={props.onNeeds} />
        <div className="crew-ranked">
          <Refused refusal={refusal} />
          {standing.length > 0 && <p className="un">{t('crew.will_withdraw')}</p>}
          {ranked.isPending && <Skeleton rows={6} />}
          {ranked.isError && (
            <>
              <ErrorNote
                what={t('crew.rank_failed')}
                works={t('crew.rank_works')}
                retry={() => void ranked.refetch()}
              />
              {hospitals.map((h) => (
                <Plain
                  key={h.id}
                  hospital={h}
                  busy={busy}
                  onChoose={() => void choose({ hospital_id: h.id, reasons: [], eta_s: null })}
                />
              ))}
            </>
          )}
          {ranked.data?.map((h) => (
            <Ranked
              key={h.hospital_id}
              ranked={h}
              row={hospitals.find((x) => x.id === h.hospital_id)}
              busy={busy && chosen === h.hospital_id}
              current={h.hospital_id === mission.destination_id}
              onChoose={() => void choose(h)}
            />
          ))}
        </div>
      </div>
    </Sheet>
  )
}

/** What the patient needs of a hospital. */
export function Needs({ needs, onNeeds }: Pick<Props, 'needs' | 'onNeeds'>) {
  const toggle = (id: string) =>
    onNeeds(needs.includes(id) ? needs.filter((n) => n !== id) : [...needs, id])
  return (
    <fieldset className="crew-choice needs">
      <legend>{t('crew.needed')}</legend>
      <div>
        {[...needs.filter((id) => !OFFERED.has(id)), ...CAPABILITIES].map((id) => (
          <button
            key={id}
            type="button"
            className="tap"
            aria-pressed={needs.includes(id)}
            onClick={() => toggle(id)}
            data-testid={`need-${id}`}
          >
            <b>
              {needs.includes(id) && <i aria-hidden="true">✓</i>}
              {capability(id)}
            </b>
          </button>
        ))}
      </div>
    </fieldset>
  )
}

/** Reasons that stand on the card by themselves, in red or as the ETA. */
const APART = /^(missing:|diverting$|estimated_crow$|no_route$|beds)/

function Ranked(props: {
  ranked: RankedHospital
  row: HospitalRow | undefined
  busy: boolean
  current: boolean
  onChoose: () => void
}) {
  const now = useNow()
  const { ranked: h, row } = props
  const bad = h.diverting || !h.capable
  const name = getLang() === 'en' && row?.name_en ? row.name_en : h.name
  const beds = Object.entries(h.free_beds)
  return (
    <article className={bad ? 'crew-rank bad' : 'crew-rank'} data-testid={`rank-${h.hospital_id}`}>
      <div className="crew-rank-eta">
        <b className="num">{h.eta_s === null ? '--' : span(h.eta_s)}</b>
        <small>
          {h.eta_s === null ? t('crew.no_eta') : t(h.estimated ? 'crew.estimated' : 'crew.by_road')}
        </small>
      </div>
      <div className="crew-rank-text">
        <b>
          {h.recommended && <em className="rec">{t('crew.recommended')}</em>}
          {name} {row?.assumed && <Assumed />}
        </b>
        <span>
          {h.diverting && <em className="bad">{t('crew.diverting_short')}</em>}
          {h.missing.length > 0 && (
            <em className="bad">
              {t('crew.lacks', { what: h.missing.map(capability).join(t('ui.comma')) })}
            </em>
          )}
          {h.reasons
            .filter((r) => !APART.test(r))
            .map(reason)
            .join(' · ')}
        </span>
        <span className="mu">
          {h.beds_reported_ms === null || beds.length === 0
            ? t('crew.beds_unknown')
            : `${beds.map(([k, n]) => `${bedKind(k)} ${n}`).join(' · ')} · ${t('crew.reported_ago', { age: ageText(now - h.beds_reported_ms) })}`}
        </span>
      </div>
      <button
        type="button"
        className={h.recommended ? 'tap primary' : 'tap'}
        disabled={props.busy}
        onClick={props.onChoose}
        data-testid={`choose-${h.hospital_id}`}
      >
        {t(
          props.busy
            ? 'crew.sending'
            : props.current
              ? 'crew.chosen'
              : bad
                ? 'crew.choose_anyway'
                : 'crew.choose_this',
        )}
      </button>
    </article>
  )
}

/** The list without a ranking: the crew still must be able to choose. */
function Plain(props: { hospital: HospitalRow; busy: boolean; onChoose: () => void }) {
  const { hospital } = props
  return (
    <article className="crew-rank">
      <div className="crew-rank-eta">
        <b>--</b>
        <small>{t('crew.no_eta')}</small>
      </div>
      <div className="crew-rank-text">
        <b>
          {getLang() === 'en' && hospital.name_en ? hospital.name_en : hospital.name}{' '}
          {hospital.assumed && <Assumed />}
        </b>
        <span>
          {hospital.diverting && <em className="bad">{t('crew.diverting_short')}</em>}
          {hospital.capabilities.map(capability).join(' · ')}
        </span>
      </div>
      <button type="button" className="tap" disabled={props.busy} onClick={props.onChoose}>
        {t('crew.choose_this')}
      </button>
    </article>
  )
}
