/** What is on, in words that stand on the screen and on the print. */
import { t } from '@gh/i18n'
import { effective, type FilterChoice } from './filters.ts'

export function filterText(choice: FilterChoice, rate_hz: number): string {
  const { notch_hz, high_pass_hz, low_pass_hz } = effective(choice, rate_hz)
  const parts = [
    notch_hz > 0 ? t('ecg.on_notch', { hz: notch_hz }) : '',
    high_pass_hz > 0 ? t('ecg.on_high', { hz: high_pass_hz }) : '',
    low_pass_hz > 0 ? t('ecg.on_low', { hz: low_pass_hz }) : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? t('ecg.unfiltered') : t('ecg.filtered', { what: parts.join(' · ') })
}
