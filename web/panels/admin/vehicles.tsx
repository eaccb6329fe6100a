/** The vehicles: what each is, what it carries, when it was last looked at, and how it came about. */
import { type CheckRow, query, type StreamEvent, type VehicleRow } from '@gh/contract'
import { dayTime, getLang, t, tOr } from '@gh/i18n'
import { useContent, useNow } from '@gh/live'
import { Assumed, Button, Dialog, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { type ReactNode, useState } from 'react'
import './admin.css'
import { eventSentence, seatText } from '../care/event-words.ts'
import { ageText } from '../care/format.ts'
import { useGet } from '../care/query.ts'
import { defectWords } from '../care/shift.ts'
import { byPlace } from '../roster/model.ts'
import { VehicleImportDialog } from './vehicle-import.tsx'

interface Props {
  /** Only these organisations; null: all. */
  within: ReadonlySet<string> | null
  /** To the other registers. */
  turn: ReactNode
}

const holds = (row: VehicleRow, needle: string): boolean =>
  [row.call_sign, row.plate, row.station_name, ...row.devices.map((one) => one.id)].some((text) =>
    text.toLowerCase().includes(needle),
  )

export function Vehicles({ within, turn }: Props) {
  const vehicles = useGet<VehicleRow[]>('/api/vehicles', { every_ms: 30_000 })
  const [text, setText] = useState('')
  const [looking, setLooking] = useState<VehicleRow | null>(null)
  const [importing, setImporting] = useState(false)
  const needle = text.trim().toLowerCase()
  const shown = (vehicles.data ?? [])
    .filter((row) => within === null || within.has(`unit:${row.unit_id}`))
    .filter((row) => needle === '' || holds(row, needle))
    .sort(byPlace)
  return (
    <section className="gh-panel ad-people" data-testid="vehicles">
      <div className="gh-ph">
        <h2>{t('admin.vehicles')}</h2>
        {vehicles.data && (
          <span className="gh-m">{t('admin.n_vehicles', { n: shown.length })}</span>
        )}
        {turn}
        <span className="gh-m gh-s">{t('admin.vehicle_city_hint')}</span>
        <span className="gh-sp" />
        <input
          className="gh-input ad-find"
          value={text}
          placeholder={t('admin.vehicle_find')}
          aria-label={t('admin.vehicle_find')}
          onChange={(event) => setText(event.target.value)}
          data-testid="vehicle-search"
        />
        {['csv', 'xlsx'].map((form) => (
          <a
            key={form}
            className="gh-btn"
            href={query('/api/vehicles/export', { form, lang: getLang() })}
            download
            data-testid={`vehicle-export-${form}`}
          >
            {t(`table.export_${form}`)}
          </a>
        ))}
        <Button look="primary" onClick={() => setImporting(true)} data-testid="vehicle-import">
          {t('table.import')}
        </Button>
      </div>
      <div className="gh-pb">
        {vehicles.isPending ? (
          <Skeleton rows={10} />
        ) : vehicles.isError ? (
          <ErrorNote
            what={t('admin.vehicles_failed')}
            works={t('admin.others_work')}
            retry={() => void vehicles.refetch()}
          />
        ) : shown.length === 0 ? (
          <Empty title={t('admin.vehicle_none')} hint={t('admin.vehicle_none_hint')} />
        ) : (
          <table className="ad-table ad-vehicles">
            <thead>
              <tr>
                <th>{t('admin.device_unit')}</th>
                <th>{t('admin.kind.station')}</th>
                <th>{t('admin.vehicle_state')}</th>
                <th>{t('admin.vehicle_crew')}</th>
                <th>{t('admin.vehicle_devices')}</th>
                <th>{t('admin.vehicle_check')}</th>
                <th aria-label={t('admin.actions')} />
              </tr>
            </thead>
            <tbody>
              {shown.map((row) => (
                <tr key={row.unit_id} data-testid={`vehicle-${row.call_sign}`}>
                  <td>
                    <b>{row.call_sign}</b>{' '}
                    <span className="gh-m">
                      {row.plate} {t(`unit_kind.${row.unit_kind}`)}
                    </span>
                    {row.assumed && <Assumed />}
                  </td>
                  <td>{row.station_name}</td>
                  <td>
                    <State row={row} />
                  </td>
                  <td>{row.crew.join(t('ui.comma'))}</td>
                  <td>
                    <Carried row={row} />
                  </td>
                  <td>
                    <Check check={row.checks[0]} />
                  </td>
                  <td className="ad-do">
                    <Button
                      onClick={() => setLooking(row)}
                      data-testid={`vehicle-history-${row.call_sign}`}
                    >
                      {t('admin.vehicle_history')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {looking && <VehicleDialog row={looking} onClose={() => setLooking(null)} />}
      {importing && (
        <VehicleImportDialog
          onWritten={() => void vehicles.refetch()}
          onClose={() => {
            setImporting(false)
            void vehicles.refetch()
          }}
        />
      )}
    </section>
  )
}

/** Its own state. Whether it is on a run is told on the boards, not to whoever keeps the register. */
function State({ row }: { row: VehicleRow }) {
  if (row.out_of_service !== '') {
    return (
      <span className="un">
        ▲ {t('state.out_of_service')} {tOr(`oos.${row.out_of_service}`, row.out_of_service)}
      </span>
    )
  }
  return row.on_duty ? (
    <span className="ok">✓ {t('admin.vehicle_on_duty')}</span>
  ) : (
    <span className="gh-m">{t('state.off_duty')}</span>
  )
}

function Carried({ row }: { row: VehicleRow }) {
  const carried = row.devices.filter((one) => one.enabled)
  if (carried.length === 0) return <span className="gh-m">{t('admin.vehicle_no_device')}</span>
  return carried.map((one) => (
    <span key={`${one.kind}:${one.id}`} className="gh-tag" title={one.id}>
      {t(`admin.device.${one.kind}`)}
    </span>
  ))
}

function Check({ check }: { check: CheckRow | undefined }) {
  const now = useNow()
  const list = useContent()?.shift_check
  if (check === undefined) return <span className="gh-m">{t('admin.vehicle_no_check')}</span>
  const age = t('admin.ago', { age: ageText(now - check.at_ms) })
  const bad = defectWords(check, list)
  return (
    <>
      <span className={bad.length > 0 ? 'un' : 'ok'}>
        {bad.length > 0 ? `▲ ${bad.join(t('ui.comma'))}` : `✓ ${t('admin.vehicle_in_order')}`}
      </span>{' '}
      <span className="gh-m">
        {check.name} {age}
      </span>
    </>
  )
}

function VehicleDialog({ row, onClose }: { row: VehicleRow; onClose: () => void }) {
  const content = useContent()
  const told = useGet<StreamEvent[]>(query('/api/vehicles/history', { unit_id: row.unit_id }))
  return (
    <Dialog
      title={t('admin.vehicle_history_of', { unit: row.call_sign })}
      onClose={onClose}
      testid="vehicle-dialog"
    >
      <b>{t('admin.vehicle_checks', { n: row.checks.length })}</b>
      {row.checks.length === 0 && <p className="gh-m">{t('admin.vehicle_no_check')}</p>}
      <ul className="ad-lines">
        {row.checks.map((check) => {
          const bad = defectWords(check, content?.shift_check)
          return (
            <li key={check.id}>
              <span className="num gh-m">{dayTime(check.at_ms)}</span>
              <span>{check.name}</span>
              <span className={bad.length > 0 ? 'un' : 'ok'}>
                {bad.length > 0 ? bad.join(t('ui.comma')) : t('admin.vehicle_in_order')}
              </span>
            </li>
          )
        })}
      </ul>
      {told.isPending ? (
        <Skeleton rows={6} />
      ) : told.isError ? (
        <ErrorNote what={t('roster.history_failed')} retry={() => void told.refetch()} />
      ) : (
        <>
          <b>{t('admin.vehicle_events', { n: told.data.length })}</b>
          <ol className="ad-lines">
            {told.data.map(({ line, name }) => (
              <li key={line.id} data-kind={line.kind}>
                <span className="num gh-m">{dayTime(line.occurred_ms)}</span>
                <span>{name || seatText(line)}</span>
                <span>{eventSentence(line, content)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </Dialog>
  )
}
