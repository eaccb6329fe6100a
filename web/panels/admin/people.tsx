/** Everybody who can enter, what they may do, and whether they are inside right now. */
import { type Org, type Person, request } from '@gh/contract'
import { named, t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { Button, Empty, ErrorNote, Skeleton } from '@gh/ui'
import { useState } from 'react'
import { ageText } from '../care/format.ts'
import type { Reading } from '../care/query.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { PersonDialog } from './person-dialog.tsx'
import { TotpDialog } from './totp-dialog.tsx'

type Open = { what: 'new' } | { what: 'edit' | 'totp' | 'revoke' | 'active'; person: Person } | null

interface Props {
  people: Reading<Person[]>
  orgs: readonly Org[]
  /** Only these organisations; null: all. */
  within: ReadonlySet<string> | null
}

export function People({ people, orgs, within }: Props) {
  const now = useNow()
  const [text, setText] = useState('')
  const [open, setOpen] = useState<Open>(null)
  const needle = text.trim().toLowerCase()
  const orgName = (id: string) => {
    const org = orgs.find((o) => o.id === id)
    return org ? named(org) : id
  }
  const shown = (people.data ?? [])
    .filter((p) => within === null || within.has(p.org))
    .filter(
      (p) =>
        needle === '' ||
        `${p.name} ${p.username} ${t(`role.${p.role}`)} ${p.seat} ${p.unit_id} ${orgName(p.org)}`
          .toLowerCase()
          .includes(needle),
    )
    .sort((a, b) => Number(b.active) - Number(a.active) || a.username.localeCompare(b.username))
  const done = () => {
    setOpen(null)
    void people.refetch()
  }
  return (
    <section className="gh-panel ad-people" data-testid="people">
      <div className="gh-ph">
        <h2>{t('admin.people')}</h2>
        {people.data && <span className="gh-m">{t('admin.n_people', { n: shown.length })}</span>}
        <span className="gh-sp" />
        <input
          className="gh-input ad-find"
          value={text}
          placeholder={t('admin.find')}
          aria-label={t('admin.find')}
          onChange={(e) => setText(e.target.value)}
          data-testid="people-search"
        />
        <Button look="primary" onClick={() => setOpen({ what: 'new' })} data-testid="person-new">
          {t('admin.add')}
        </Button>
      </div>
      <div className="gh-pb">
        {people.isPending ? (
          <Skeleton rows={10} />
        ) : people.isError ? (
          <ErrorNote
            what={t('admin.people_failed')}
            works={t('admin.others_work')}
            retry={() => void people.refetch()}
          />
        ) : shown.length === 0 ? (
          <Empty title={t('admin.nobody')} />
        ) : (
          <table className="ad-table">
            <thead>
              <tr>
                <th>{t('admin.name')}</th>
                <th>{t('admin.role')}</th>
                <th>{t('admin.org')}</th>
                <th>{t('admin.place')}</th>
                <th>{t('admin.second_factor')}</th>
                <th>{t('admin.last_seen')}</th>
                <th>{t('admin.sessions')}</th>
                <th aria-label={t('admin.actions')} />
              </tr>
            </thead>
            <tbody>
              {shown.map((p) => (
                <tr
                  key={p.person_id}
                  className={p.active ? undefined : 'off'}
                  data-testid={`person-${p.username}`}
                >
                  <td>
                    <b>{p.name}</b> <span className="gh-m">{p.username}</span>
                    {!p.active && <span className="gh-tag">{t('admin.inactive')}</span>}
                  </td>
                  <td>
                    {t(`role.${p.role}`)}
                    {p.physician && <span className="gh-tag">{t('admin.physician')}</span>}
                  </td>
                  <td>{orgName(p.org)}</td>
                  <td>
                    {[
                      p.seat && t('app.seat', { seat: p.seat }),
                      p.unit_id && t('admin.in_unit', { unit: orgName(`unit:${p.unit_id}`) }),
                      p.hospital_id && orgName(`hospital:${p.hospital_id}`),
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </td>
                  <td>
                    {p.has_totp ? (
                      <span className="ok">✓ {t('admin.has')}</span>
                    ) : (
                      <span className="un">▲ {t('admin.has_not')}</span>
                    )}
                  </td>
                  <td className="gh-m">
                    {p.last_seen_ms === null
                      ? t('admin.never')
                      : t('admin.ago', { age: ageText(now - p.last_seen_ms) })}
                  </td>
                  <td className="num">
                    {p.sessions > 0 ? <b>{p.sessions}</b> : <span className="gh-m">0</span>}
                  </td>
                  <td className="ad-do">
                    <Button
                      onClick={() => setOpen({ what: 'edit', person: p })}
                      data-testid={`edit-${p.username}`}
                    >
                      {t('ui.edit')}
                    </Button>
                    <Button
                      onClick={() => setOpen({ what: 'totp', person: p })}
                      data-testid={`totp-${p.username}`}
                    >
                      {t('admin.reset_totp')}
                    </Button>
                    {p.sessions > 0 && (
                      <Button
                        onClick={() => setOpen({ what: 'revoke', person: p })}
                        data-testid={`revoke-${p.username}`}
                      >
                        {t('admin.revoke')}
                      </Button>
                    )}
                    <Button
                      look={p.active ? 'danger' : 'plain'}
                      onClick={() => setOpen({ what: 'active', person: p })}
                      data-testid={`active-${p.username}`}
                    >
                      {t(p.active ? 'admin.deactivate' : 'admin.activate')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      {open?.what === 'new' && (
        <PersonDialog person={undefined} orgs={orgs} onDone={done} onClose={() => setOpen(null)} />
      )}
      {open?.what === 'edit' && (
        <PersonDialog
          person={open.person}
          orgs={orgs}
          onDone={done}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.what === 'totp' && (
        <TotpDialog
          person={open.person}
          onDone={() => void people.refetch()}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.what === 'revoke' && (
        <ConfirmDialog
          title={t('admin.revoke_title', { name: open.person.name })}
          text={t('admin.revoke_text')}
          action={t('admin.revoke')}
          danger
          run={() =>
            request('POST', `/api/admin/people/${encodeURIComponent(open.person.person_id)}/revoke`)
          }
          onDone={done}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.what === 'active' && (
        <ConfirmDialog
          title={t(open.person.active ? 'admin.deactivate_title' : 'admin.activate_title', {
            name: open.person.name,
          })}
          text={t(open.person.active ? 'admin.deactivate_text' : 'admin.activate_text')}
          action={t(open.person.active ? 'admin.deactivate' : 'admin.activate')}
          danger={open.person.active}
          run={() =>
            request('PATCH', `/api/admin/people/${encodeURIComponent(open.person.person_id)}`, {
              active: !open.person.active,
            })
          }
          onDone={done}
          onClose={() => setOpen(null)}
        />
      )}
    </section>
  )
}
