/** The desk ends a crew's call for help: with words, for it answers for the crew being safe. */
import type { UnitRow } from '@gh/contract'
import { clockTime, t } from '@gh/i18n'
import { Button } from '@gh/ui'
import { useState } from 'react'
import { ReasonDialog } from './case-dialogs.tsx'

export function EndHelp({ unit }: { unit: UnitRow | undefined }) {
  const [asking, setAsking] = useState(false)
  if (unit === undefined || unit.help_ms === null) return null
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)} data-testid="end-help">
        {t('help.end')}
      </Button>
      {asking ? (
        <ReasonDialog
          title={t('help.end_title', { unit: unit.call_sign })}
          choices={[t('help.spoken'), t('help.police'), t('help.mistake')]}
          command={(reason) => ({ kind: 'unit.end_help', unit_id: unit.id, reason })}
          onClose={() => setAsking(false)}
        >
          <p className="gh-warnt">{t('help.end_rule', { time: clockTime(unit.help_ms) })}</p>
        </ReasonDialog>
      ) : null}
    </>
  )
}
