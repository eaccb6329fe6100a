/** What may speak for a vehicle or a centre, and when each last did. */
import { type Device, type Org, request } from '@gh/contract'
import { inOrder, t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { Button, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { type ReactNode, useState } from 'react'
import { ageText } from '../care/format.ts'
import type { Reading } from '../care/query.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { DeviceDialog } from './device-dialog.tsx'
import { ProfileDialog } from './profile-dialog.tsx'
import { TerminalDialog } from './terminal-dialog.tsx'

/** The server writes down a connected device twice a minute. */
const CONNECTED_MS = 60_000
/** A vehicle computer is known by the hash of its key; its beginning tells it apart. */
const SHOWN_CHARACTERS = 20

/** Their computers keep a sealed store, which a mistake must not lock for ever. */
const STORING: readonly string[] = ['edge', 'seat']

const departs = ({ datum, clock, length, reads }: Device): boolean =>
  datum !== 'wgs84' || clock !== 'china' || length !== 'stated' || reads !== 'no'

interface Props {
  devices: Reading<Device[]>
  orgs: readonly Org[]
  /** Only these organisations; null: all. */
  within: ReadonlySet<string> | null
  turn: ReactNode
}

export function Devices({ devices, orgs, within, turn }: Props) {
  const now = useNow()
  const [text, setText] = useState('')
  const [adding, setAdding] = useState(false)
  const [revoking, setRevoking] = useState<Device | null>(null)
  const [restoring, setRestoring] = useState<Device | null>(null)
  const [profiling, setProfiling] = useState<Device | null>(null)
  const [looking, setLooking] = useState<Device | null>(null)
  const needle = text.trim().toLowerCase()
  const owner = (device: Device) => (device.org === '' ? `unit:${device.unit_id}` : device.org)
  const sign = (device: Device) =>
    orgs.find((o) => o.id === owner(device))?.name ?? (device.unit_id || device.org)
  const title = (device: Device) =>
    [t(`admin.device.${device.kind}`), device.seat, sign(device)].filter(Boolean).join(' ')
  const shown = (devices.data ?? [])
    .filter((d) => within === null || within.has(owner(d)))
    .filter((d) => needle === '' || `${d.id} ${title(d)}`.toLowerCase().includes(needle))
    .sort(
      (a, b) =>
        Number(b.enabled) - Number(a.enabled) ||
        inOrder(sign(a), sign(b)) ||
        a.kind.localeCompare(b.kind),
    )
  const done = () => {
    setRevoking(null)
    setRestoring(null)
    setProfiling(null)
    void devices.refetch()
  }
  return (
    <section className="gh-panel ad-people" data-testid="devices">
      <div className="gh-ph">
        <h2>{t('admin.devices')}</h2>
        {devices.data && <span className="gh-m">{t('admin.n_devices', { n: shown.length })}</span>}
        <span className="gh-sp" />
        {turn}
        <input
          className="gh-input ad-find"
          value={text}
          placeholder={t('admin.device_find')}
          aria-label={t('admin.device_find')}
          onChange={(e) => setText(e.target.value)}
          data-testid="device-search"
        />
        <Button look="primary" onClick={() => setAdding(true)} data-testid="device-new">
          {t('admin.device_new')}
        </Button>
      </div>
      <div className="gh-pb">
        {devices.isPending ? (
          <Skeleton rows={10} />
        ) : devices.isError ? (
          <ErrorNote
            what={t('admin.devices_failed')}
            works={t('admin.others_work')}
            retry={() => void devices.refetch()}
          />
        ) : shown.length === 0 ? (
          <Empty title={t('admin.no_devices')} hint={t('admin.no_devices_hint')} />
        ) : (
          <table className="ad-table">
            <thead>
              <tr>
                <th>{t('admin.device_unit')}</th>
                <th>{t('admin.device_kind')}</th>
                <th>{t('admin.device_id')}</th>
                <th>{t('admin.device_state')}</th>
                <th>{t('admin.device_seen')}</th>
                <th aria-label={t('admin.actions')} />
              </tr>
            </thead>
            <tbody>
              {shown.map((device) => (
                <tr
                  key={`${device.kind}:${device.id}`}
                  className={device.enabled ? undefined : 'off'}
                  data-testid={`device-${device.kind}-${device.id}`}
                  data-enabled={device.enabled}
                >
                  <td>
                    <b>{sign(device)}</b>
                  </td>
                  <td>{t(`admin.device.${device.kind}`)}</td>
                  <td className="num" title={device.id}>
                    {device.seat ||
                      (device.id.length > SHOWN_CHARACTERS
                        ? `${device.id.slice(0, SHOWN_CHARACTERS)}…`
                        : device.id)}
                  </td>
                  <td>
                    {device.enabled ? (
                      <span className="ok">✓ {t('admin.device_enabled')}</span>
                    ) : (
                      <span className="un">▲ {t('admin.device_revoked')}</span>
                    )}
                  </td>
                  <td className="gh-m">
                    {device.seen_ms === null ? (
                      t('admin.device_never')
                    ) : device.enabled && now - device.seen_ms < CONNECTED_MS ? (
                      <span className="ok">● {t('admin.device_now')}</span>
                    ) : (
                      t('admin.ago', { age: ageText(now - device.seen_ms) })
                    )}
                  </td>
                  <td className="ad-do">
                    {!device.enabled && STORING.includes(device.kind) && (
                      <Button
                        onClick={() => setRestoring(device)}
                        data-testid={`restore-${device.kind}-${device.id}`}
                      >
                        {t('admin.device_restore')}
                      </Button>
                    )}
                    {device.kind === 'terminal' && (
                      <Button
                        onClick={() => setLooking(device)}
                        data-testid={`terminal-${device.id}`}
                      >
                        {t('terminal.console')}
                      </Button>
                    )}
                    {device.enabled && device.kind === 'terminal' && (
                      <Button
                        onClick={() => setProfiling(device)}
                        data-testid={`profile-${device.id}`}
                      >
                        {t('admin.profile')}
                        {departs(device) && ' *'}
                      </Button>
                    )}
                    {device.enabled && (
                      <Button
                        look="danger"
                        onClick={() => setRevoking(device)}
                        data-testid={`revoke-${device.kind}-${device.id}`}
                      >
                        {t('admin.device_revoke')}
                      </Button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {adding && (
        <DeviceDialog
          orgs={orgs}
          onMade={() => void devices.refetch()}
          onClose={() => setAdding(false)}
        />
      )}
      {revoking && (
        <ConfirmDialog
          title={t('admin.device_revoke_title', { name: title(revoking) })}
          text={t(
            STORING.includes(revoking.kind)
              ? 'admin.device_revoke_edge'
              : 'admin.device_revoke_text',
          )}
          action={t('admin.device_revoke')}
          danger
          run={() =>
            request('POST', '/api/admin/devices/revoke', {
              kind: revoking.kind,
              device_id: revoking.id,
            })
          }
          onDone={done}
          onClose={() => setRevoking(null)}
        />
      )}
      {looking && (
        <TerminalDialog device={looking} title={title(looking)} onClose={() => setLooking(null)} />
      )}
      {profiling && (
        <ProfileDialog
          device={profiling}
          title={title(profiling)}
          onDone={done}
          onClose={() => setProfiling(null)}
        />
      )}
      {restoring && (
        <ConfirmDialog
          title={t('admin.device_restore_title', { name: title(restoring) })}
          text={t('admin.device_restore_text')}
          action={t('admin.device_restore')}
          run={() =>
            request('POST', '/api/admin/devices/restore', {
              kind: restoring.kind,
              device_id: restoring.id,
            })
          }
          onDone={done}
          onClose={() => setRestoring(null)}
        />
      )}
    </section>
  )
}
