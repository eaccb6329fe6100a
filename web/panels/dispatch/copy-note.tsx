/** A case that another node records (ADR 0026): here it is looked at. */
import type { IncidentRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useDesk } from './desk.tsx'

/** In the place of what would be entered. */
export function CopyNote({ node }: { node: string }) {
  const { incident } = useDesk()
  return (
    <div data-testid="copy-note">
      {incident?.location ? <p className="addr">{incident.location.label}</p> : null}
      <p className="gh-note">
        <span>
          <b>{t('node.case_of', { node })}</b> {t('node.case_of_hint', { node })}
        </span>
      </p>
    </div>
  )
}

/** Whether this node may still write in it. */
export const isOpenHere = (incident: Pick<IncidentRow, 'state' | 'node'>): boolean =>
  incident.state === 'open' && !incident.node
