/** The newest vital signs, each with its own age; a missing value is said, never left as normal. */
import { type MissionRow, type NumericSet, type PatientRow, query, type Sign } from '@gh/contract'
import { t } from '@gh/i18n'
import { useLimits, useNow, useNumerics } from '@gh/live'
import { ageText } from '../care/format.ts'
import { devicesOn } from '../care/monitors.ts'
import { scoreNow } from '../care/outdated.ts'
import { useGet } from '../care/query.ts'
import { alarmClass } from '../care/vital-alarms.tsx'
import {
  extend,
  numberText,
  type Reading,
  type Readings,
  readings,
  series,
  signAges,
  trend,
} from '../care/vitals.ts'
import { band, isBeyond, news2Text, note } from '../care/words.ts'

const WINDOW_MS = 20 * 60_000
const STEP: Partial<Record<Sign, number>> = {
  heart_rate: 5,
  pulse: 5,
  spo2: 2,
  resp: 2,
  nibp_sys: 8,
}

interface Props {
  patient: PatientRow | undefined
  mission: MissionRow
}

export function VitalsRow({ patient, mission }: Props) {
  const now = useNow()
  const live = useNumerics(mission.unit_id, devicesOn(mission, patient))
  const from = Math.floor((now - WINDOW_MS) / 600_000) * 600_000
  const history = useGet<NumericSet[]>(
    patient ? query('/api/vitals', { patient_id: patient.id, from_ms: from }) : null,
    { every_ms: 20_000 },
  )
  const sets = extend(history.data ?? [], live ? [live] : [])
  const all = readings(sets, live, patient)
  if (all.size === 0)
    return (
      <section className="panel crew-vitals-none" data-testid="vitals">
        <b>{t('crew.no_monitor')}</b>
        <span className="mu">{t('crew.no_monitor_hint')}</span>
      </section>
    )
  const arrow = (sign: Sign) => trend(series(sets, sign, now - WINDOW_MS), STEP[sign] ?? 1)
  const rate: Sign = all.get('heart_rate')?.value != null ? 'heart_rate' : 'pulse'
  return (
    <section className="crew-vitals" data-testid="vitals">
      <Card
        name={t(`sign.${rate}`)}
        unit="/min"
        reading={all.get(rate)}
        all={all}
        sign={rate}
        alarm={alarmClass(patient, 'heart_rate', 'pulse')}
        arrow={arrow(rate)}
        now={now}
      />
      <Pressure
        all={all}
        alarm={alarmClass(patient, 'nibp_sys', 'nibp_dia', 'nibp_mean')}
        arrow={arrow('nibp_sys')}
        now={now}
      />
      <Card
        name={t('sign.spo2')}
        unit="%"
        reading={all.get('spo2')}
        all={all}
        sign="spo2"
        alarm={alarmClass(patient, 'spo2')}
        arrow={arrow('spo2')}
        now={now}
      />
      <Card
        name={t('sign.resp')}
        unit="/min"
        reading={all.get('resp')}
        all={all}
        sign="resp"
        alarm={alarmClass(patient, 'resp')}
        arrow={arrow('resp')}
        now={now}
      />
      <Others all={all} now={now} />
      <Score patient={patient} now={now} />
    </section>
  )
}

interface FootProps {
  sign: Sign
  reading: Reading | undefined
  all: Readings
  now: number
}

function Foot({ sign, reading, all, now }: FootProps) {
  const { silent_ms, stale_ms } = signAges(useLimits())
  if (reading === undefined) return <div className="f mu">{t('crew.never')}</div>
  const age = now - reading.at_ms
  // Silent is the device: what it tells again is older than its last word.
  const told = [...all.values()].filter((one) => one.device_id === reading.device_id)
  const unheard = now - Math.max(...told.map((one) => one.at_ms))
  if (reading.note !== '' && reading.value === null)
    return <div className="f un">{note(reading.note)}</div>
  if (age > stale_ms(sign))
    return <div className="f un">{t('crew.stale', { age: ageText(age) })}</div>
  if (unheard > silent_ms)
    return <div className="f un">{t('crew.silent', { age: ageText(unheard) })}</div>
  return <div className="f mu">{t('crew.ago', { age: ageText(age) })}</div>
}

function Card(props: {
  name: string
  unit: string
  sign: Sign
  reading: Reading | undefined
  all: Readings
  alarm: string
  arrow: string
  now: number
}) {
  const { reading, now } = props
  const { stale_ms } = signAges(useLimits())
  const old = reading !== undefined && now - reading.at_ms > stale_ms(props.sign)
  return (
    <div
      className={`${old ? 'panel v old' : 'panel v'}${props.alarm}`}
      data-testid={`vital-${props.sign}`}
    >
      <div className="h">
        <span>{props.name}</span>
        <span>{props.unit}</span>
      </div>
      <div className="n">
        {reading?.value == null ? '--' : numberText(props.sign, reading.value)}
        <i>{props.arrow}</i>
      </div>
      <Foot sign={props.sign} reading={reading} all={props.all} now={now} />
    </div>
  )
}

function Pressure({
  all,
  alarm,
  arrow,
  now,
}: {
  all: Readings
  alarm: string
  arrow: string
  now: number
}) {
  const sys = all.get('nibp_sys')
  const dia = all.get('nibp_dia')
  const mean = all.get('nibp_mean')
  const { stale_ms } = signAges(useLimits())
  const show = (r: Reading | undefined) => (r?.value == null ? '--' : Math.round(r.value))
  const old = sys !== undefined && now - sys.at_ms > stale_ms('nibp_sys')
  return (
    <div className={`${old ? 'panel v old' : 'panel v'}${alarm}`} data-testid="vital-nibp">
      <div className="h">
        <span>{t('care.nibp')}</span>
        <span>{mean?.value == null ? 'mmHg' : t('care.mean', { n: Math.round(mean.value) })}</span>
      </div>
      <div className="n">
        {show(sys)}/{show(dia)}
        <i>{arrow}</i>
      </div>
      <Foot sign="nibp_sys" reading={sys} all={all} now={now} />
    </div>
  )
}

/** Glucose stands large when there is one, with temperature below; else temperature. */
function Others({ all, now }: { all: Readings; now: number }) {
  const glucose = all.get('glucose')
  const temp = all.get('temp')
  const co2 = all.get('etco2')
  const told = (one: Reading | undefined) => one?.value != null || isBeyond(one?.note ?? '')
  const [sign, main]: [Sign, Reading | undefined] = told(glucose)
    ? ['glucose', glucose]
    : told(temp)
      ? ['temp', temp]
      : ['etco2', co2]
  const beyond = main !== undefined && main.value === null && isBeyond(main.note)
  const unit = { glucose: 'mmol/L', temp: '℃', etco2: 'mmHg' }[sign as 'glucose' | 'temp' | 'etco2']
  const second =
    sign === 'glucose' && temp?.value != null
      ? `${t('sign.temp')} ${temp.value.toFixed(1)} ℃`
      : sign !== 'etco2' && co2?.value != null
        ? `EtCO₂ ${Math.round(co2.value)}`
        : ''
  return (
    <div className="panel v" data-testid={`vital-${sign}`}>
      <div className="h">
        <span>{t(`sign.${sign}`)}</span>
        <span>{unit}</span>
      </div>
      <div className={beyond ? 'n word bad' : 'n'}>
        {beyond ? note(main.note) : main?.value == null ? '--' : numberText(sign, main.value)}
      </div>
      {beyond ? (
        <div className="f un">
          {t('monitor.beyond_hint')} {ageText(now - main.at_ms)}
        </div>
      ) : second === '' ? (
        <Foot sign={sign} reading={main} all={all} now={now} />
      ) : (
        <div className="f mu">{second}</div>
      )}
    </div>
  )
}

function Score({ patient, now }: { patient: PatientRow | undefined; now: number }) {
  const score = scoreNow(patient, now)
  const before = patient?.score_history
    .filter((s) => s.news2 !== null && s.at_ms < (score?.at_ms ?? 0))
    .at(-1)
  const high = score?.news2_band === 'high'
  // A part that was missing before may have stood at its most: nothing is said of a rise.
  const comparable = before?.news2_missing.every((part) => score?.news2_missing.includes(part))
  const was =
    score?.news2 == null || before?.news2 == null || !comparable || score.news2 === before.news2
      ? ''
      : `${before.news2} →`
  return (
    <div className="panel v" data-testid="vital-news2">
      <div className="h">
        <span>NEWS2</span>
        {score && <b className={high ? 'bad' : undefined}>{band(score.news2_band)}</b>}
      </div>
      <div className={high ? 'n bad' : 'n'}>
        <i>{was}</i>
        {news2Text(score)}
      </div>
      <div className="f mu">
        {score == null
          ? t('crew.no_score')
          : score.news2_missing.length > 0
            ? t('crew.missing_n', { n: score.news2_missing.length })
            : t('crew.ago', { age: ageText(now - score.at_ms) })}
      </div>
    </div>
  )
}
