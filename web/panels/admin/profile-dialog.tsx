/** How a vehicle terminal departs from its standard: datum, clock, the length in its headers, how a driver says “read”. */
import { type Device, type Refusal, request } from '@gh/contract'
import { dayTime, t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { asRefusal, Field } from './person-dialog.tsx'

const DATUMS = ['wgs84', 'gcj02', 'bd09']
const CLOCKS = ['china', 'utc']
const LENGTHS = ['stated', 'counted']
const READS = ['no', 'question']

interface Props {
  device: Device
  title: string
  onDone: () => void
  onClose: () => void
}

export function ProfileDialog({ device, title, onDone, onClose }: Props) {
  const [datum, setDatum] = useState<string>(device.datum)
  const [clock, setClock] = useState<string>(device.clock)
  const [length, setLength] = useState<string>(device.length)
  const [reads, setReads] = useState<string>(device.reads)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)

  async function say(what: 'profile' | 'reopen', more: Record<string, string>) {
    setBusy(true)
    setRefusal(null)
    try {
      const named = { kind: device.kind, device_id: device.id }
      await request('POST', `/api/admin/devices/${what}`, { ...named, ...more })
      onDone()
    } catch (caught) {
      setRefusal(asRefusal(caught))
      setBusy(false)
    }
  }

  return (
    <Dialog
      title={t('admin.profile_of', { name: title })}
      onClose={onClose}
      testid="profile-dialog"
    >
      <form
        className="ad-form"
        onSubmit={(e) => {
          e.preventDefault()
          void say('profile', { datum, clock, length, reads })
        }}
      >
        <p className="gh-m">{t('admin.profile_hint')}</p>
        <Field label={t('admin.datum')}>
          <select
            className="gh-input"
            value={datum}
            onChange={(e) => setDatum(e.target.value)}
            data-testid="profile-datum"
          >
            {DATUMS.map((one) => (
              <option key={one} value={one}>
                {t(`admin.datum.${one}`)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('admin.clock')}>
          <select
            className="gh-input"
            value={clock}
            onChange={(e) => setClock(e.target.value)}
            data-testid="profile-clock"
          >
            {CLOCKS.map((one) => (
              <option key={one} value={one}>
                {t(`admin.clock.${one}`)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('admin.length')}>
          <select
            className="gh-input"
            value={length}
            onChange={(e) => setLength(e.target.value)}
            data-testid="profile-length"
          >
            {LENGTHS.map((one) => (
              <option key={one} value={one}>
                {t(`admin.length.${one}`)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('admin.reads')}>
          <select
            className="gh-input"
            value={reads}
            onChange={(e) => setReads(e.target.value)}
            data-testid="profile-reads"
          >
            {READS.map((one) => (
              <option key={one} value={one}>
                {t(`admin.reads.${one}`)}
              </option>
            ))}
          </select>
        </Field>
        {device.key_given_ms !== null && (
          <Field label={t('admin.key')}>
            <p className="gh-m">
              {t('admin.key_given', { time: dayTime(device.key_given_ms) })}{' '}
              <Button
                disabled={busy}
                onClick={() => void say('reopen', {})}
                data-testid="profile-reopen"
              >
                {t('admin.reopen')}
              </Button>
            </p>
          </Field>
        )}
        <div className="ad-form-do">
          <Refused refusal={refusal} />
          <Button look="primary" submit busy={busy} data-testid="profile-save">
            {t('ui.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
