/** The organisations as a tree, and the seats with who sits there. A branch narrows the list. */
import type { Org, Person } from '@gh/contract'
import { named, t, tOr } from '@gh/i18n'
import { Button, Empty, ErrorNote, Panel, Skeleton } from '@gh/ui'
import type { Reading } from '../care/query.ts'
import { branches, under } from './tree.ts'

interface Props {
  orgs: Reading<Org[]>
  people: readonly Person[]
  chosen: string
  onChoose: (id: string) => void
}

export function Orgs({ orgs, people, chosen, onChoose }: Props) {
  return (
    <Panel
      title={t('admin.orgs')}
      testid="orgs"
      extra={
        chosen !== '' && (
          <Button look="quiet" onClick={() => onChoose('')} data-testid="org-all">
            {t('ui.all')}
          </Button>
        )
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
                  aria-pressed={org.id === chosen}
                  onClick={() => onChoose(org.id === chosen ? '' : org.id)}
                  data-testid={`org-${org.id}`}
                >
                  <span>{named(org)}</span>
                  <span className="gh-m gh-s">{tOr(`admin.kind.${org.kind}`, org.kind)}</span>
                  <b className="num">{count}</b>
                </button>
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}

export function Seats({ people }: { people: readonly Person[] }) {
  const seats = new Map<string, Person[]>()
  for (const p of people)
    if (p.active && p.seat !== '') seats.set(p.seat, [...(seats.get(p.seat) ?? []), p])
  const sorted = [...seats].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }))
  return (
    <Panel title={t('admin.seats')} testid="seats">
      {sorted.length === 0 ? (
        <Empty title={t('admin.no_seats')} />
      ) : (
        <ul className="ad-seats">
          {sorted.map(([seat, sitting]) => (
            <li key={seat}>
              <b className="num">{seat}</b>
              <span>{sitting.map((p) => p.name).join('、')}</span>
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
