/** The registers of what runs: vehicles, and the stations where they stand. */
import { t } from '@gh/i18n'
import { Button } from '@gh/ui'
import { useState } from 'react'
import { Stations } from './stations.tsx'
import { Vehicles } from './vehicles.tsx'

const REGISTERS = ['vehicles', 'stations'] as const

export function FleetRegister({ within }: { within: ReadonlySet<string> | null }) {
  const [shown, setShown] = useState<(typeof REGISTERS)[number]>('vehicles')
  const turn = (
    <span className="gh-row">
      {REGISTERS.map((name) => (
        <Button
          key={name}
          on={shown === name}
          onClick={() => setShown(name)}
          data-testid={`register-${name}`}
        >
          {t(`admin.register.${name}`)}
        </Button>
      ))}
    </span>
  )
  return shown === 'vehicles' ? (
    <Vehicles within={within} turn={turn} />
  ) : (
    <Stations within={within} turn={turn} />
  )
}
