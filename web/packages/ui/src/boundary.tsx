import { t } from '@gh/i18n'
import { Component, type ReactNode } from 'react'
import { ErrorNote } from './parts.tsx'

interface Props {
  /** What this part is called, for the sentence. */
  name: string
  children: ReactNode
}

/** A part that fails says so in its own place; the parts beside it go on. */
export class Boundary extends Component<Props, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === null) return this.props.children
    return (
      <section className="gh-panel gh-failed">
        <ErrorNote
          what={t('ui.part_failed', { name: this.props.name })}
          works={t('ui.part_failed_works')}
          todo={error.message}
          retry={() => this.setState({ error: null })}
        />
      </section>
    )
  }
}
