/** No task: what the vehicle is, and what the hospitals say of themselves. */
import {
  type HospitalRow,
  type MissionRow,
  OUT_OF_SERVICE_REASONS,
  type UnitRow,
} from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useContent, useNow, useSend } from '@gh/live'
import { Assumed, Empty, Refused, StateRing } from '@gh/ui'
import { useState } from 'react'
import { ageText, clockTime, span } from '../care/format.ts'
import { windowNamed } from '../care/window.ts'
import { bedKind, hospitalName, missionState } from '../care/words.ts'
import { EndedRuns } from './ended.tsx'
import { ShiftNote, ShiftSheet } from './shift-sheet.tsx'

export function Idle({
  unit,
  hospitals,
}: {
  unit: UnitRow | undefined
  hospitals: readonly HospitalRow[]
}) {
  const now = useNow()
  const list = useContent()?.shift_check
  const [checking, setChecking] = useState(false)
  return (
    <main className="crew-idle" data-testid="idle">
      <section className="panel crew-idle-state">
        <StateRing state={unit?.state ?? 'ready'} />
        <h1>{missionState(unit?.state ?? 'ready')}</h1>
        {unit && (
          <>
            <div className="num">{span((now - unit.since_ms) / 1000)}</div>
            <p className="mu">{t('crew.since_time', { time: clockTime(unit.since_ms) })}</p>
            <p>
              {unit.station_name} · {tOr(`unit_kind.${unit.unit_kind}`, unit.unit_kind)}{' '}
              {unit.assumed && <Assumed />}
            </p>
            {unit.crew.length > 0 && <p className="mu">{unit.crew.join(' · ')}</p>}
            {unit.out_of_service && (
              <p className="un">{tOr(`oos.${unit.out_of_service}`, unit.out_of_service)}</p>
            )}
          </>
        )}
        {unit && list && <ShiftNote unit={unit} content={list} onOpen={() => setChecking(true)} />}
        <p className="mu">{t('crew.idle_hint')}</p>
        {unit && <Service unit={unit} />}
      </section>
      <section className="panel crew-idle-hospitals">
        {unit && <EndedRuns unitId={unit.id} />}
        <header>
          <h2>{t('crew.hospitals')}</h2>
        </header>
        <div>
          {hospitals.length === 0 && <Empty title={t('crew.no_hospitals')} />}
          {hospitals.map((h) => (
            <div key={h.id} className="crew-idle-hospital">
              <b>
                {hospitalName(h)} {h.assumed && <Assumed />}
              </b>
              {h.diverting && (
                <em className="bad">{t('crew.diverting', { reason: h.diversion_reason })}</em>
              )}
              <span className="mu">
                {h.beds_reported_ms === null
                  ? t('crew.beds_unknown')
                  : `${Object.entries(h.free_beds)
                      .map(([k, n]) => `${bedKind(k)} ${n}`)
                      .join(
                        ' · ',
                      )} · ${t('crew.reported_ago', { age: ageText(now - h.beds_reported_ms) })}`}
              </span>
            </div>
          ))}
        </div>
      </section>
      {checking && unit && list && (
        <ShiftSheet unit={unit} content={list} onClose={() => setChecking(false)} />
      )}
    </main>
  )
}

export function Reserved({ mission }: { mission: MissionRow }) {
  const now = useNow()
  if (mission.due_ms === null) return null
  return (
    <div className="crew-broken reserved" role="status">
      {mission.latest_ms === null
        ? t('crew.reserved', {
            number: mission.incident_number,
            left: span((mission.due_ms - now) / 1000),
          })
        : t('crew.reserved_within', {
            number: mission.incident_number,
            window: windowNamed(mission.due_ms, mission.latest_ms),
          })}
    </div>
  )
}

/** A vehicle that cannot go says why; only the idle one can. */
function Service({ unit }: { unit: UnitRow }) {
  const { send, busy, refusal } = useSend()
  if (unit.state === 'out_of_service')
    return (
      <>
        <button
          type="button"
          className="tap primary wide"
          disabled={busy}
          onClick={() => void send({ kind: 'unit.put_back_in_service', unit_id: unit.id })}
          data-testid="back-in-service"
        >
          {t('crew.back_in_service')}
        </button>
        <Refused refusal={refusal} />
      </>
    )
  if (unit.state !== 'ready') return null
  return (
    <fieldset className="crew-choice crew-pause">
      <legend>{t('crew.pause')}</legend>
      <div>
        {OUT_OF_SERVICE_REASONS.map((reason) => (
          <button
            key={reason}
            type="button"
            className="tap"
            disabled={busy}
            onClick={() =>
              void send({ kind: 'unit.take_out_of_service', unit_id: unit.id, reason })
            }
            data-testid={`pause-${reason}`}
          >
            {t(`oos.${reason}`)}
          </button>
        ))}
      </div>
      <Refused refusal={refusal} />
    </fieldset>
  )
}
