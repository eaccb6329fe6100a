/**
 * What sounds here, over the board and over the wall: alarms of everybody on the way, whoever is
 * on the screen, and who comes no more.
 */
import { t } from '@gh/i18n'
import { useLimits, useMonitor, useSend, useTable } from '@gh/live'
import { Above, Button, Refused, useTone } from '@gh/ui'
import { clockTime } from '../care/format.ts'
import { type Inbound, isHandedOver } from '../care/inbound.ts'
import { heardInRun, SilenceAlarm } from '../care/silence-alarm.tsx'
import { VitalAlarms } from '../care/vital-alarms.tsx'
import { endedReason, patientName, sexAge } from '../care/words.ts'
import { WorseAlarm } from '../care/worse-alarm.tsx'

/** Whom an alarm may be about: each patient once, until other devices have them. */
export function watchedOf(open: readonly Inbound[]): Inbound[] {
  const watched = new Map<string, Inbound>()
  for (const one of open) {
    if (isHandedOver(one.mission, one.handover)) continue
    const whose = one.patient?.id ?? one.handover.id
    if (!watched.has(whose)) watched.set(whose, one)
  }
  return [...watched.values()]
}

export function Alarms({ open, hospitalId }: { open: readonly Inbound[]; hospitalId: string }) {
  const watched = watchedOf(open)
  return (
    <Above className="hs-alarms" testid="hospital-alarms">
      {watched.map((one) => (
        <OfOne
          key={one.patient?.id ?? one.handover.id}
          inbound={one}
          // Two in one vehicle are silent together.
          first={watched.find((o) => o.handover.unit_id === one.handover.unit_id) === one}
        />
      ))}
      <NotComing hospitalId={hospitalId} />
      <EcgUnread hospitalId={hospitalId} />
    </Above>
  )
}

function OfOne({ inbound, first }: { inbound: Inbound; first: boolean }) {
  const { handover, mission, patient } = inbound
  const numerics = useMonitor(handover.unit_id)
  const link_alarm_s = useLimits()?.screen.link_alarm_s ?? Number.POSITIVE_INFINITY
  const who = [handover.call_sign, patient && `${patientName(patient)} ${sexAge(patient)}`]
    .filter(Boolean)
    .join(' · ')
  return (
    <>
      <VitalAlarms patient={patient} who={who} />
      <WorseAlarm patient={patient} who={who} />
      {first && (
        <SilenceAlarm
          what="vehicle"
          who={handover.call_sign}
          heard_ms={heardInRun(mission, numerics)}
          after_ms={link_alarm_s * 1000}
        />
      )}
    </>
  )
}

/** A bed was made ready and a team called: that nobody comes is said until somebody has heard it. */
function NotComing({ hospitalId }: { hospitalId: string }) {
  const { send, busy, refusal } = useSend()
  const told = useTable('alerts').filter(
    (a) => a.code === 'not_coming' && a.state === 'open' && a.details.hospital_id === hospitalId,
  )
  useTone('not_coming', told.length > 0)
  return told.map((one) => (
    <div key={one.id} className="vital-alarms" role="alert" data-testid="not-coming">
      <p>
        <b>! {t('hospital.not_coming', { call_sign: one.details.call_sign ?? '' })}</b>{' '}
        {t('hospital.not_coming_why', {
          time: clockTime(one.raised_ms),
          reason: endedReason(one.details.reason ?? '') || t('ui.unknown'),
        })}
      </p>
      <Refused refusal={refusal} />
      <Button
        busy={busy}
        onClick={() => void send({ kind: 'alert.acknowledge', alert_id: one.id })}
        data-testid="not-coming-seen"
      >
        {t('hospital.not_coming_seen')}
      </Button>
    </div>
  ))
}

/** An ECG that rules suspect has waited too long: heard here, it still waits until it is read. */
function EcgUnread({ hospitalId }: { hospitalId: string }) {
  const { send, busy, refusal } = useSend()
  const told = useTable('alerts').filter(
    (a) => a.code === 'ecg_unread' && a.state === 'open' && a.details.hospital_id === hospitalId,
  )
  useTone('worse', told.length > 0)
  return told.map((one) => (
    <div key={one.id} className="vital-alarms" role="alert" data-testid="ecg-unread">
      <p>
        <b>!! {t('alert.ecg_unread', one.details)}</b>
      </p>
      <Refused refusal={refusal} />
      <Button
        busy={busy}
        onClick={() => void send({ kind: 'alert.acknowledge', alert_id: one.id })}
        data-testid="ecg-unread-seen"
      >
        {t('hospital.not_coming_seen')}
      </Button>
    </div>
  ))
}
