/** An organisation: new, renamed, or put elsewhere in the tree. */
import { type Org, type Refusal, request } from '@gh/contract'
import { named, t, tOr } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { asRefusal, Field } from './person-dialog.tsx'
import { branches, under } from './tree.ts'

/** Units and hospitals come from the city. */
const KINDS = ['station', 'centre', 'county', 'police', 'fire', 'volunteer']

interface Props {
  org: Org | undefined
  orgs: readonly Org[]
  /** What stands there for a new one's place. */
  parent: string
  onDone: () => void
  onClose: () => void
}

export function OrgDialog({ org, orgs, parent: first, onDone, onClose }: Props) {
  const [kind, setKind] = useState(org?.kind ?? 'station')
  const [name, setName] = useState(org?.name ?? '')
  const [nameEn, setNameEn] = useState(org?.name_en ?? '')
  const [parent, setParent] = useState(org?.parent ?? first)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const own = org ? under(orgs, org.id) : new Set<string>()
  const places = branches(orgs.filter((o) => o.closed_ms === null && !own.has(o.id)))

  async function save() {
    setBusy(true)
    setRefusal(null)
    const fields = { name: name.trim(), name_en: nameEn.trim() }
    try {
      if (org === undefined) await request('POST', '/api/admin/orgs', { kind, parent, ...fields })
      else
        await request('PATCH', '/api/admin/orgs', {
          id: org.id,
          ...fields,
          ...(parent === org.parent ? {} : { parent }),
        })
      onDone()
    } catch (caught) {
      setRefusal(asRefusal(caught))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog
      title={org ? t('admin.org_edit_title', { name: named(org) }) : t('admin.org_new_title')}
      onClose={onClose}
      testid="org-dialog"
    >
      <form
        className="ad-form"
        onSubmit={(e) => {
          e.preventDefault()
          if (name.trim() !== '') void save()
        }}
      >
        <Field label={t('admin.org_kind')}>
          {org ? (
            <b>{tOr(`admin.kind.${org.kind}`, org.kind)}</b>
          ) : (
            <select
              className="gh-input"
              value={kind}
              onChange={(e) => setKind(e.target.value)}
              data-testid="org-kind"
            >
              {KINDS.map((k) => (
                <option key={k} value={k}>
                  {t(`admin.kind.${k}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t('admin.org_parent')}>
          {org?.parent === '' ? (
            <b>—</b>
          ) : (
            <select
              className="gh-input"
              value={parent}
              onChange={(e) => setParent(e.target.value)}
              data-testid="org-parent"
            >
              {places.map(({ org: o, depth }) => (
                <option key={o.id} value={o.id}>
                  {'　'.repeat(depth)}
                  {named(o)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t('admin.org_name')}>
          <input
            className="gh-input"
            value={name}
            autoComplete="off"
            onChange={(e) => setName(e.target.value)}
            data-testid="org-name"
          />
        </Field>
        <Field label={t('admin.org_name_en')}>
          <input
            className="gh-input"
            value={nameEn}
            autoComplete="off"
            onChange={(e) => setNameEn(e.target.value)}
            data-testid="org-name-en"
          />
        </Field>
        <div className="ad-form-do">
          <span className="gh-m gh-s">
            {t(org ? 'admin.org_hand_hint' : 'admin.org_city_hint')}
          </span>
          <Refused refusal={refusal} />
          {name.trim() === '' ? (
            <span className="un">{t('admin.lacking', { what: t('admin.org_name') })}</span>
          ) : (
            <Button look="primary" submit busy={busy} data-testid="org-save">
              {t(org ? 'ui.save' : 'admin.create')}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  )
}
