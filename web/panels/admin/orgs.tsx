/** The organisations as a tree, and the seats with who sits there. A branch narrows the list. */
import { type Org, type Person, request } from '@gh/contract'
import { inOrder, named, t, tOr } from '@gh/i18n'
import { Button, Empty, ErrorNote, Panel, Skeleton } from '@gh/ui'
import { useState } from 'react'
import type { Reading } from '../care/query.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { OrgDialog } from './org-dialog.tsx'
import { branches, under } from './tree.ts'

interface Props {
  orgs: Reading<Org[]>
  people: readonly Person[]
  chosen: string
  onChoose: (id: string) => void
}

type Open = 'new' | 'edit' | 'close' | 'reopen' | null

export function Orgs({ orgs, people, chosen, onChoose }: Props) {
  const [open, setOpen] = useState<Open>(null)
  const org = orgs.data?.find((o) => o.id === chosen)
  const root = orgs.data?.find((o) => o.parent === '')?.id ?? ''
  const done = () => {
    setOpen(null)
    void orgs.refetch()
  }
  return (
    <Panel
      title={t('admin.orgs')}
      testid="orgs"
      extra={
        <>
          <span className="gh-sp" />
          {org && (
            <>
              <Button onClick={() => setOpen('edit')} data-testid="org-edit">
                {t('ui.edit')}
              </Button>
              {org.closed_ms !== null ? (
                <Button onClick={() => setOpen('reopen')} data-testid="org-reopen">
                  {t('admin.org_reopen')}
                </Button>
              ) : org.parent !== '' ? (
                <Button look="danger" onClick={() => setOpen('close')} data-testid="org-close">
                  {t('admin.org_close')}
                </Button>
              ) : null}
              <Button look="quiet" onClick={() => onChoose('')} data-testid="org-all">
                {t('ui.all')}
              </Button>
            </>
          )}
          {orgs.data && (
            <Button onClick={() => setOpen('new')} data-testid="org-new">
              {t('admin.org_new')}
            </Button>
          )}
        </>
      }
    >
      {orgs.isPending ? (
        <Skeleton rows={6} />
      ) : orgs.isError ? (
        <ErrorNote
          what={t('admin.orgs_failed')}
          works={t('admin.others_work')}
          retry={() => void orgs.refetch()}
        />
      ) : orgs.data.length === 0 ? (
        <Empty title={t('admin.no_orgs')} />
      ) : (
        <ul className="ad-tree">
          {branches(orgs.data).map(({ org, depth }) => {
            const inside = under(orgs.data, org.id)
            const count = people.filter((p) => p.active && inside.has(p.org)).length
            return (
              <li key={org.id}>
                <button
                  type="button"
                  style={{ paddingLeft: 10 + depth * 18 }}
                  className={org.closed_ms === null ? undefined : 'off'}
                  aria-pressed={org.id === chosen}
                  onClick={() => onChoose(org.id === chosen ? '' : org.id)}
                  data-testid={`org-${org.id}`}
                >
                  <span>{named(org)}</span>
                  <span className="gh-m gh-s">
                    {org.closed_ms === null
                      ? tOr(`admin.kind.${org.kind}`, org.kind)
                      : t('admin.org_closed')}
                  </span>
                  <b className="num">{count}</b>
                </button>
              </li>
            )
          })}
        </ul>
      )}
      {orgs.data && (open === 'new' || open === 'edit') && (
        <OrgDialog
          org={open === 'edit' ? org : undefined}
          orgs={orgs.data}
          parent={org?.closed_ms === null ? org.id : root}
          onDone={done}
          onClose={() => setOpen(null)}
        />
      )}
      {org && (open === 'close' || open === 'reopen') && (
        <ConfirmDialog
          title={t(`admin.org_${open}_title`, { name: named(org) })}
          text={t(`admin.org_${open}_text`)}
          action={t(`admin.org_${open}`)}
          danger={open === 'close'}
          run={() => request('PATCH', '/api/admin/orgs', { id: org.id, closed: open === 'close' })}
          onDone={done}
          onClose={() => setOpen(null)}
        />
      )}
    </Panel>
  )
}

export function Seats({ people }: { people: readonly Person[] }) {
  const seats = new Map<string, Person[]>()
  for (const p of people)
    if (p.active && p.seat !== '') seats.set(p.seat, [...(seats.get(p.seat) ?? []), p])
  const sorted = [...seats].sort(([a], [b]) => inOrder(a, b))
  return (
    <Panel title={t('admin.seats')} testid="seats">
      {sorted.length === 0 ? (
        <Empty title={t('admin.no_seats')} />
      ) : (
        <ul className="ad-seats">
          {sorted.map(([seat, sitting]) => (
            <li key={seat}>
              <b className="num">{seat}</b>
              <span>{sitting.map((p) => p.name).join(t('ui.comma'))}</span>
              {sitting.some((p) => p.sessions > 0) ? (
                <span className="ok">● {t('admin.online')}</span>
              ) : (
                <span className="gh-m">○ {t('admin.offline')}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
