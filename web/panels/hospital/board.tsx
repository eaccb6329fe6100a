/** The board: by level, then by countdown; below it who has just been handed over. */
import { t } from '@gh/i18n'
import { useLoaded } from '@gh/live'
import { Empty, Skeleton, TriageBadge } from '@gh/ui'
import { clockTime } from '../care/format.ts'
import { type Inbound, levelOf } from '../care/inbound.ts'
import { WarnMark } from '../care/marks.tsx'
import { patientName, sexAge } from '../care/words.ts'
import type { Arrivals } from './arrivals.ts'
import { InboundRow } from './inbound-row.tsx'
import { OffloadBar, OffloadScale, OffloadTime } from './offload.tsx'

interface Props {
  arrivals: Arrivals
  selected: string
  onSelect: (id: string) => void
  onAcknowledge: (id: string) => void
}

export function Board({ arrivals, selected, onSelect, onAcknowledge }: Props) {
  const loaded = useLoaded()
  const { open, done } = arrivals
  const alert = open.filter((i) => i.handover.tier === 'alert').length
  const waiting = open.filter((i) => i.handover.state === 'sent').length
  return (
    <section className="gh-panel hs-board" data-testid="inbound-board">
      <div className="gh-ph">
        <h2>{t('hospital.inbound', { n: open.length })}</h2>
        <span className="gh-m gh-s">{t('hospital.sorted')}</span>
        <span className="gh-sp" />
        {waiting > 0 && (
          <b className="un">
            <WarnMark /> {t('hospital.waiting', { n: waiting })}
          </b>
        )}
        <span className="gh-tag warn">
          {t('care.tier.alert')} {alert}
        </span>
        <span className="gh-tag">
          {t('care.tier.notice')} {open.length - alert}
        </span>
      </div>
      <div className="hs-cols">
        <span>{t('hospital.col_when')}</span>
        <span>{t('hospital.col_what')}</span>
        <span>{t('hospital.col_signs')}</span>
      </div>
      <div className="hs-rows">
        {!loaded ? (
          <Skeleton rows={8} />
        ) : open.length === 0 ? (
          <Empty title={t('hospital.none')} hint={t('hospital.none_hint')} />
        ) : (
          open.map((i) => (
            <InboundRow
              key={i.handover.id}
              inbound={i}
              selected={i.handover.id === selected}
              onSelect={() => onSelect(i.handover.id)}
              onAcknowledge={() => onAcknowledge(i.handover.id)}
            />
          ))
        )}
      </div>
      {done.length > 0 && <Done done={done} selected={selected} onSelect={onSelect} />}
    </section>
  )
}

function Done(props: { done: Inbound[]; selected: string; onSelect: (id: string) => void }) {
  return (
    <div className="hs-done" data-testid="handed-over">
      <div className="gh-ph">
        <h2>{t('hospital.recent', { n: props.done.length })}</h2>
        <span className="gh-sp" />
        <OffloadScale />
      </div>
      {props.done.slice(0, 2).map((i) => (
        <button
          key={i.handover.id}
          type="button"
          className="hs-arr"
          onClick={() => props.onSelect(i.handover.id)}
          aria-pressed={i.handover.id === props.selected}
        >
          <OffloadTime inbound={i} />
          <span>
            <TriageBadge level={levelOf(i.patient).level} /> {i.handover.call_sign} ·{' '}
            {i.patient
              ? `${patientName(i.patient)} ${sexAge(i.patient)}`
              : i.handover.incident_number}
            <OffloadBar inbound={i} />
          </span>
          <span className="ok">
            {t('hospital.both_signed')}{' '}
            {i.handover.ended_ms !== null && clockTime(i.handover.ended_ms)}
          </span>
        </button>
      ))}
    </div>
  )
}
