/** What devices alarmed by themselves: from when until when, how urgently, and how it ended. */
import type { OwnAlarmRow, WholeRecord } from '@gh/contract'
import { t } from '@gh/i18n'
import { marks, quietText, saidText, silentText } from '../care/device-alarms.ts'
import { clockTime } from '../care/format.ts'
import { deviceName } from '../care/monitors.ts'
import { originText } from './measured.tsx'
import { None, type PartProps, Section } from './paper.tsx'

/** Until when; what nobody told the end of is not over because the run is. */
function endText(one: OwnAlarmRow, whole: WholeRecord): string {
  if (one.end === 'moment')
    return one.times > 1
      ? t('print.own_alarm.times', { n: one.times })
      : t('print.own_alarm.moment')
  if (one.end !== null) return t(`print.own_alarm.${one.end}`)
  if (whole.mission.ended_ms !== null) return t('print.own_alarm.no_end')
  // Of a silent device nobody knows whether it does.
  return one.silent_ms === null ? t('print.own_alarm.stands') : ''
}

const span = (one: OwnAlarmRow): string =>
  one.ended_ms === one.begun_ms
    ? clockTime(one.begun_ms)
    : `${clockTime(one.begun_ms)}–${one.ended_ms === null ? '' : clockTime(one.ended_ms)}`

export function OwnAlarms({ whole }: PartProps) {
  return (
    <Section title={t('print.own_alarms')}>
      {whole.device_alarms.length === 0 ? (
        <None />
      ) : (
        <table className="pr-table" data-testid="own-alarms">
          <tbody>
            {whole.device_alarms.map((one) => (
              <tr key={[one.origin, one.device, one.event, one.source, one.begun_ms].join(' ')}>
                <td className="num">{span(one)}</td>
                <td className="nw">
                  {marks(one.priority)} {t(`care.priority.${one.priority}`)}
                </td>
                <td>
                  <b>{saidText(one)}</b> {one.value}{' '}
                  {one.limits !== '' && t('print.own_alarm.limits', { limits: one.limits })}
                </td>
                <td>
                  {[
                    endText(one, whole),
                    silentText(one.silent_ms),
                    one.quiet_ms !== null && `${quietText(one.quiet)} ${clockTime(one.quiet_ms)}`,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </td>
                <td>
                  {deviceName(one.device)} {originText(whole, one.origin)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
