/** A small ECG that opens the large one: by a double click, or by Enter where the keyboard is. */
import { t } from '@gh/i18n'
import type { ReactNode } from 'react'

export function EcgDoor({ onOpen, children }: { onOpen: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      className="ecg-door"
      title={t('ecg.open_hint')}
      aria-label={t('ecg.open_hint')}
      data-testid="ecg-door"
      // A single click of a pointer is of no consequence; a key's click counts none.
      onClick={(event) => {
        if (event.detail !== 1) onOpen()
      }}
    >
      {children}
    </button>
  )
}
