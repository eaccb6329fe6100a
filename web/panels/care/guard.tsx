/** A part that breaks says so in its own place; the rest of the board goes on. */
import { t } from '@gh/i18n'
import { ErrorNote } from '@gh/ui'
import { Component, type ReactNode } from 'react'

interface Props {
  what: string
  works: string
  children: ReactNode
}

export class Guard extends Component<Props, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <ErrorNote
        what={this.props.what}
        works={this.props.works}
        todo={t('care.try_again')}
        retry={() => this.setState({ broken: false })}
      />
    )
  }
}
