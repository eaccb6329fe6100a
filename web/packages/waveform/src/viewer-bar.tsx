/** The switches of the viewer: each group is one choice, and what is on is said in words as well. */
import { t } from '@gh/i18n'
import { Button } from '@gh/ui'
import type { ReactNode } from 'react'
import type { Tool } from './calipers.tsx'
import type { Comparison } from './compare.tsx'
import { fits, HIGH_PASSES, LOW_PASSES } from './filters.ts'
import { GAINS, LAYOUT_NAMES, SPEEDS } from './layout.ts'
import type { View } from './paper.tsx'

interface Props {
  view: View
  onView: (view: View) => void
  rate_hz: number
  sweeping: boolean
  frozen: boolean
  comparison: Comparison | null
  tool: Tool
  onSweep: (on: boolean) => void
  onFreeze: () => void
  onTool: (tool: Tool) => void
  onCompare: () => void
  onBeats: (beats: boolean) => void
  onPrint: () => void
}

const Group = ({ label, children }: { label: string; children: ReactNode }) => (
  <fieldset className="ecg-group">
    <legend>{label}</legend>
    <div>{children}</div>
  </fieldset>
)

export function ViewerBar(props: Props) {
  const { view, onView, rate_hz, sweeping, frozen, comparison, tool } = props
  const { filter } = view
  const set = (change: Partial<View>) => onView({ ...view, ...change })
  const pass = (change: Partial<View['filter']>) => set({ filter: { ...filter, ...change } })
  return (
    <div className="ecg-bar" role="toolbar" aria-label={t('ecg.tools')}>
      <Group label={t('ecg.picture')}>
        <Button
          on={!sweeping && comparison === null}
          onClick={() => props.onSweep(false)}
          data-testid="as-paper"
        >
          {t('ecg.as_paper')}
        </Button>
        <Button on={sweeping} onClick={() => props.onSweep(true)} data-testid="as-sweep">
          {t('ecg.as_sweep')}
        </Button>
        <Button
          on={frozen}
          keycap="F"
          onClick={props.onFreeze}
          disabled={comparison !== null}
          data-testid="freeze"
        >
          {t(frozen ? 'ecg.frozen' : 'ecg.freeze')}
        </Button>
      </Group>
      <Group label={t('ecg.layout')}>
        {LAYOUT_NAMES.map((name) => (
          <Button
            key={name}
            on={view.layout === name}
            onClick={() => set({ layout: name })}
            data-testid={`layout-${name}`}
          >
            {name.replace('x', '×')}
          </Button>
        ))}
      </Group>
      <Group label="mm/s">
        {SPEEDS.map((speed) => (
          <Button
            key={speed}
            on={view.speed === speed}
            onClick={() => set({ speed })}
            data-testid={`speed-${speed}`}
          >
            {speed}
          </Button>
        ))}
      </Group>
      <Group label="mm/mV">
        {GAINS.map((gain) => (
          <Button
            key={gain}
            on={view.gain === gain}
            onClick={() => set({ gain })}
            data-testid={`gain-${gain}`}
          >
            {gain}
          </Button>
        ))}
      </Group>
      <Group label={t('ecg.size')}>
        <Button on={view.fit} onClick={() => set({ fit: true })} data-testid="fit">
          {t('ecg.fit')}
        </Button>
        <Button on={!view.fit} onClick={() => set({ fit: false })} data-testid="true-size">
          1:1
        </Button>
      </Group>
      <Group label={t('ecg.notch')}>
        <Button
          on={filter.notch_hz === 50}
          disabled={!fits(50, rate_hz)}
          onClick={() => pass({ notch_hz: filter.notch_hz === 50 ? 0 : 50 })}
          data-testid="notch-50"
        >
          50 Hz
        </Button>
      </Group>
      <Group label={t('ecg.high_pass')}>
        {HIGH_PASSES.map((hz) => (
          <Button
            key={hz}
            on={filter.high_pass_hz === hz}
            onClick={() => pass({ high_pass_hz: hz })}
            data-testid={`high-${hz}`}
          >
            {hz === 0 ? t('ecg.off') : hz}
          </Button>
        ))}
      </Group>
      <Group label={t('ecg.low_pass')}>
        {LOW_PASSES.map((hz) => (
          <Button
            key={hz}
            on={filter.low_pass_hz === hz}
            disabled={!fits(hz, rate_hz)}
            onClick={() => pass({ low_pass_hz: hz })}
            data-testid={`low-${hz}`}
          >
            {hz === 0 ? t('ecg.off') : hz}
          </Button>
        ))}
      </Group>
      <Group label={t('ecg.calipers')}>
        <Button
          on={tool === 'caliper'}
          keycap="C"
          disabled={comparison !== null}
          onClick={() => props.onTool('caliper')}
          data-testid="tool-caliper"
        >
          {t('ecg.caliper')}
        </Button>
        <Button
          on={tool === 'march'}
          keycap="M"
          disabled={comparison !== null}
          onClick={() => props.onTool('march')}
          data-testid="tool-march"
        >
          {t('ecg.march')}
        </Button>
      </Group>
      <Group label={t('ecg.serial')}>
        <Button on={comparison !== null} keycap="D" onClick={props.onCompare} data-testid="compare">
          {t('ecg.compare')}
        </Button>
        {comparison !== null && (
          <Button
            on={comparison.beats}
            onClick={() => props.onBeats(!comparison.beats)}
            data-testid="beats"
          >
            {t('ecg.overlay')}
          </Button>
        )}
      </Group>
      <Group label={t('ecg.to_paper')}>
        <Button keycap="P" onClick={props.onPrint} data-testid="ecg-print">
          {t('ecg.print')}
        </Button>
      </Group>
    </div>
  )
}
