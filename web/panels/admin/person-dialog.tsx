/** A person: new, or changed. The role decides which fields there are. */
import { type City, type Org, type Person, Refusal, type Role, request } from '@gh/contract'
import { named, t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { type ReactNode, useState } from 'react'
import { useGet } from '../care/query.ts'
import { branches } from './tree.ts'

const ROLES: readonly Role[] = [
  'dispatcher',
  'supervisor',
  'station',
  'crew',
  'hospital',
  'police',
  'fire',
  'volunteer',
  'quality',
  'admin',
]
export const PASSWORD_LENGTH = 12

interface Props {
  person: Person | undefined
  orgs: readonly Org[]
  onDone: () => void
  onClose: () => void
}

/** Any failure as a refusal with a code of the catalogues. */
export const asRefusal = (caught: unknown): Refusal =>
  caught instanceof Refusal ? caught : new Refusal('no_answer')

export function PersonDialog({ person, orgs, onDone, onClose }: Props) {
  const [username, setUsername] = useState(person?.username ?? '')
  const [name, setName] = useState(person?.name ?? '')
  const [role, setRole] = useState<Role>(person?.role ?? 'dispatcher')
  const [org, setOrg] = useState(person?.org ?? orgs[0]?.id ?? '')
  const [seat, setSeat] = useState(person?.seat ?? '')
  const [unit, setUnit] = useState(person?.unit_id ?? '')
  const [hospital, setHospital] = useState(person?.hospital_id ?? '')
  const [physician, setPhysician] = useState(person?.physician ?? false)
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const city = useGet<City | null>('/api/city', { stale_ms: 3_600_000 })
  const desk = role === 'dispatcher' || role === 'supervisor'
  const rides = role === 'crew'
  const receives = role === 'hospital'

  const lacking = [
    ...(username.trim() === '' ? [t('admin.username')] : []),
    ...(name.trim() === '' ? [t('admin.name')] : []),
    ...(person === undefined && password.length < PASSWORD_LENGTH ? [t('admin.password')] : []),
    ...(person !== undefined && password !== '' && password.length < PASSWORD_LENGTH
      ? [t('admin.password')]
      : []),
    ...(rides && unit.trim() === '' ? [t('admin.unit')] : []),
    ...(receives && hospital === '' ? [t('admin.hospital')] : []),
  ]

  async function save() {
    setBusy(true)
    setRefusal(null)
    const fields = {
      name: name.trim(),
      role,
      org,
      seat: desk ? seat.trim() : '',
      unit_id: rides ? unit.trim() : '',
      hospital_id: receives ? hospital : '',
      physician: (rides || receives) && physician,
      ...(password === '' ? {} : { password }),
    }
    try {
      if (person === undefined)
        await request('POST', '/api/admin/people', { username: username.trim(), ...fields })
      else
        await request('PATCH', `/api/admin/people/${encodeURIComponent(person.person_id)}`, fields)
      onDone()
    } catch (caught) {
      setRefusal(asRefusal(caught))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog
      title={person ? t('admin.edit_title', { name: person.name }) : t('admin.new_title')}
      onClose={onClose}
      testid="person-dialog"
    >
      <form
        className="ad-form"
        onSubmit={(e) => {
          e.preventDefault()
          if (lacking.length === 0) void save()
        }}
      >
        <Field label={t('admin.username')}>
          {person ? (
            <b>{person.username}</b>
          ) : (
            <input
              className="gh-input"
              value={username}
              autoComplete="off"
              onChange={(e) => setUsername(e.target.value)}
              data-testid="person-username"
            />
          )}
        </Field>
        <Field label={t('admin.name')}>
          <input
            className="gh-input"
            value={name}
            autoComplete="off"
            onChange={(e) => setName(e.target.value)}
            data-testid="person-name"
          />
        </Field>
        <Field label={t('admin.role')}>
          <select
            className="gh-input"
            value={role}
            onChange={(e) => setRole(e.target.value as Role)}
            data-testid="person-role"
          >
            {ROLES.map((r) => (
              <option key={r} value={r}>
                {t(`role.${r}`)}
              </option>
            ))}
          </select>
        </Field>
        <Field label={t('admin.org')}>
          <select
            className="gh-input"
            value={org}
            onChange={(e) => setOrg(e.target.value)}
            data-testid="person-org"
          >
            {branches(orgs.filter((o) => o.closed_ms === null)).map(({ org: o, depth }) => (
              <option key={o.id} value={o.id}>
                {'　'.repeat(depth)}
                {named(o)}
              </option>
            ))}
          </select>
        </Field>
        {desk && (
          <Field label={t('admin.seat')}>
            <input
              className="gh-input"
              value={seat}
              placeholder={t('admin.seat_hint')}
              onChange={(e) => setSeat(e.target.value)}
              data-testid="person-seat"
            />
          </Field>
        )}
        {rides && (
          <Field label={t('admin.unit')}>
            <input
              className="gh-input"
              value={unit}
              placeholder={t('admin.unit_hint')}
              onChange={(e) => setUnit(e.target.value)}
              data-testid="person-unit"
            />
          </Field>
        )}
        {receives && (
          <Field label={t('admin.hospital')}>
            <select
              className="gh-input"
              value={hospital}
              onChange={(e) => setHospital(e.target.value)}
              data-testid="person-hospital"
            >
              <option value="">{t('admin.choose')}</option>
              {hospital !== '' && !city.data?.hospitals.some((h) => h.id === hospital) && (
                <option value={hospital}>{hospital}</option>
              )}
              {city.data?.hospitals.map((h) => (
                <option key={h.id} value={h.id}>
                  {named(h)}
                </option>
              ))}
            </select>
          </Field>
        )}
        {(rides || receives) && (
          <Field label={t('admin.physician')}>
            <select
              className="gh-input"
              value={String(physician)}
              onChange={(e) => setPhysician(e.target.value === 'true')}
              data-testid="person-physician"
            >
              <option value="false">{t('admin.physician_no')}</option>
              <option value="true">{t('admin.physician_yes')}</option>
            </select>
          </Field>
        )}
        <Field label={t(person ? 'admin.new_password' : 'admin.password')}>
          <input
            className="gh-input"
            type="password"
            value={password}
            autoComplete="new-password"
            placeholder={t(person ? 'admin.password_keep' : 'admin.password_hint', {
              n: PASSWORD_LENGTH,
            })}
            onChange={(e) => setPassword(e.target.value)}
            data-testid="person-password"
          />
        </Field>
        <div className="ad-form-do">
          <Refused refusal={refusal} />
          {lacking.length > 0 ? (
            <span className="un">{t('admin.lacking', { what: lacking.join(t('ui.comma')) })}</span>
          ) : (
            <Button look="primary" submit busy={busy} data-testid="person-save">
              {t(person ? 'ui.save' : 'admin.create')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  )
}

/** A control with its label. */
export function Field({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="gh-field">
      <span>{label}</span>
      {children}
    </label>
  )
}
