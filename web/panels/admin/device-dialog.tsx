/** Registering a device. Its secret is shown or downloaded once, and is gone when this closes. */
import { type MadeDevice, type NewSeatAnswer, type Org, type Refusal, request } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { asRefusal, Field } from './person-dialog.tsx'

const KINDS = ['terminal', 'monitor', 'edge', 'phone', 'seat']
const CENTRES: readonly string[] = ['centre', 'county']

interface Props {
  orgs: readonly Org[]
  /** A device that has spoken already, and where: its unit, or empty. */
  heard?: { kind: string; device_id: string; unit_id: string }
  onMade: () => void
  onClose: () => void
}

export function DeviceDialog({ orgs, heard, onMade, onClose }: Props) {
  const open = orgs.filter((o) => o.closed_ms === null)
  const units = open.filter((o) => o.kind === 'unit')
  const centres = open.filter((o) => CENTRES.includes(o.kind))
  const [kind, setKind] = useState(heard?.kind ?? 'terminal')
  const own = units.find((o) => o.id === `unit:${heard?.unit_id}`)
  const [unit, setUnit] = useState((heard ? own : units[0])?.id ?? '')
  const [centre, setCentre] = useState(centres[0]?.id ?? '')
  const isSeat = kind === 'seat'
  const [id, setId] = useState(heard?.device_id ?? '')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [made, setMade] = useState<MadeDevice | null>(null)
  const [declared, setDeclared] = useState<NewSeatAnswer | null>(null)
  const named = kind !== 'edge'
  const lacking = [
    ...((isSeat ? centre : unit) === ''
      ? [t(isSeat ? 'station.centre' : 'admin.device_unit')]
      : []),
    ...(named && id.trim() === '' ? [t(isSeat ? 'admin.seat' : 'admin.device_id')] : []),
  ]

  async function save() {
    setBusy(true)
    setRefusal(null)
    try {
      if (isSeat) {
        const file = { org: centre, seat: id.trim() }
        setDeclared(await request<NewSeatAnswer>('POST', '/api/admin/devices/seat', file))
        onMade()
        return
      }
      const answer = await request<MadeDevice>('POST', '/api/admin/devices', {
        kind,
        unit_id: unit.replace(/^unit:/, ''),
        device_id: named ? id.trim() : '',
      })
      setMade(answer)
      onMade()
    } catch (caught) {
      setRefusal(asRefusal(caught))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog title={t('admin.device_new')} onClose={onClose} testid="device-dialog">
      {made ? (
        <Made made={made} onClose={onClose} />
      ) : declared ? (
        <Declared declared={declared} onClose={onClose} />
      ) : (
        <form
          className="ad-form"
          onSubmit={(e) => {
            e.preventDefault()
            if (lacking.length === 0) void save()
          }}
        >
          <Field label={t('admin.device_kind')}>
            <select
              className="gh-input"
              value={kind}
              disabled={heard !== undefined}
              onChange={(e) => setKind(e.target.value)}
              data-testid="device-kind"
            >
              {KINDS.map((k) => (
                <option key={k} value={k}>
                  {t(`admin.device.${k}`)}
                </option>
              ))}
            </select>
          </Field>
          <Field label={t(isSeat ? 'station.centre' : 'admin.device_unit')}>
            <select
              className="gh-input"
              value={isSeat ? centre : unit}
              onChange={(e) => (isSeat ? setCentre : setUnit)(e.target.value)}
              data-testid="device-unit"
            >
              {!isSeat && unit === '' && <option value="">{t('admin.stranger.choose')}</option>}
              {(isSeat ? centres : units).map((o) => (
                <option key={o.id} value={o.id}>
                  {o.name}
                </option>
              ))}
            </select>
          </Field>
          {named ? (
            <Field label={t(isSeat ? 'admin.seat' : 'admin.device_id')}>
              <input
                className="gh-input"
                value={id}
                readOnly={heard !== undefined}
                autoComplete="off"
                placeholder={t(`admin.device_${kind}_hint`)}
                onChange={(e) => setId(e.target.value)}
                data-testid="device-id"
              />
            </Field>
          ) : (
            <p className="gh-m">{t('admin.device_edge_hint')}</p>
          )}
          <div className="ad-form-do">
            <Refused refusal={refusal} />
            {lacking.length > 0 ? (
              <span className="un">
                {t('admin.lacking', { what: lacking.join(t('ui.comma')) })}
              </span>
            ) : (
              <Button look="primary" submit busy={busy} data-testid="device-save">
                {t('admin.device_new')}
              </Button>
            )}
          </div>
        </form>
      )}
    </Dialog>
  )
}

function Declared({ declared, onClose }: { declared: NewSeatAnswer; onClose: () => void }) {
  const { file } = declared
  return (
    <div className="ad-made" data-testid="seat-made">
      <p>{t('admin.device_made', { name: `${t('admin.device.seat')} ${file.seat}` })}</p>
      <Secret name={`seat-${file.seat}.json`} content={file} label={t('admin.seat_file')} />
      <p className="un">{t('admin.seat_file_once')}</p>
      <div className="ad-form-do">
        <Button look="primary" onClick={onClose} data-testid="device-done">
          {t('admin.device_done')}
        </Button>
      </div>
    </div>
  )
}

/** A file that can be had while this stands, and never again. */
function Secret({ name, content, label }: { name: string; content: unknown; label: string }) {
  return (
    <a
      className="gh-btn primary"
      download={name}
      href={`data:application/json,${encodeURIComponent(`${JSON.stringify(content, null, 2)}\n`)}`}
      data-testid="device-file"
    >
      {label}
    </a>
  )
}

function Made({ made, onClose }: { made: MadeDevice; onClose: () => void }) {
  const { device, key, vehicle } = made
  return (
    <div className="ad-made" data-testid="device-made">
      <p>
        {t('admin.device_made', {
          name: `${t(`admin.device.${device.kind}`)} ${vehicle[0]?.call_sign ?? device.id}`,
        })}
      </p>
      {key !== '' && (
        <p>
          {t('admin.device_key')} <code data-testid="device-key">{key}</code>
        </p>
      )}
      {vehicle.length > 0 && (
        <>
          <Secret
            name={`vehicle-${device.unit_id.replaceAll('/', '-')}.json`}
            content={vehicle}
            label={t('admin.device_file')}
          />
          <p className="un">{t('admin.device_file_once')}</p>
        </>
      )}
      {device.kind === 'monitor' && <p className="gh-m">{t('admin.device_none_needed')}</p>}
      <div className="ad-form-do">
        <Button look="primary" onClick={onClose} data-testid="device-done">
          {t('admin.device_done')}
        </Button>
      </div>
    </div>
  )
}
