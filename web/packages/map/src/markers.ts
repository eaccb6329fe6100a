/** Marker elements. Plain DOM, changed in place: hundreds of units must not re-render React. */
import type { Ring } from '@gh/ui'

export interface MapUnit {
  id: string
  point: { lat: number; lon: number }
  heading_deg: number | null
  call_sign: string
  ring: Ring
  /** The level of its case, or empty. */
  level: string
  /** The state in words. */
  text: string
  /** When it arrives, or how long it has been in its state; empty where neither is known. */
  note: string
  /** It is in its state for longer than that may last. */
  late?: boolean | undefined
  /** Words about an old position, or empty. */
  stale: string
  /** Whose position it is, where it is not its terminal's. */
  source?: string | undefined
  selected?: boolean | undefined
  /** A unit of a run is never hidden by the zoom. */
  active?: boolean | undefined
  /** Waits at its station, whose sign counts it; shown by itself on a close map only. */
  home?: boolean | undefined
}

export interface MapIncident {
  id: string
  point: { lat: number; lon: number }
  level: string
  label: string
  /** Waiting for a unit. */
  waiting?: boolean | undefined
  selected?: boolean | undefined
}

export interface MapPlace {
  id: string
  point: { lat: number; lon: number }
  name: string
  /** A short fact under the name, for example free beds. */
  note?: string | undefined
  marked?: boolean | undefined
}

const text = (tag: string, className: string, content: string): HTMLElement => {
  const element = document.createElement(tag)
  element.className = className
  element.textContent = content
  return element
}

const badge = (level: string) => text('span', `gh-lv ${level}`, level)

export function drawUnit(element: HTMLElement, unit: MapUnit): void {
  const active = unit.active || unit.selected
  element.className = [
    'ghm-unit',
    unit.ring,
    unit.stale ? 'stale' : '',
    unit.selected ? 'sel' : '',
    active ? 'active' : '',
    unit.home ? 'home' : '',
  ].join(' ')
  element.dataset.unit = unit.id
  const svg = `<svg viewBox="-14 -14 28 28" width="26" height="26"><circle class="rg" r="9"/>${
    unit.heading_deg === null
      ? ''
      : `<g transform="rotate(${Math.round(unit.heading_deg)})"><path class="nose" d="M-4.5,-9.5L0,-14L4.5,-9.5Z"/><path class="arw" d="M0,-5.6L4.2,4.4L0,2L-4.2,4.4Z"/></g>`
  }${unit.ring === 'loaded' && unit.heading_deg === null ? '<circle r="3" fill="#fff"/>' : ''}</svg>`
  element.innerHTML = svg
  const plate = text('span', 'plate', '')
  if (unit.level) plate.append(badge(unit.level))
  plate.append(text('b', '', unit.call_sign), text('span', 'st', unit.text))
  if (unit.note) plate.append(text('span', unit.late ? 'eta late' : 'eta', unit.note))
  if (unit.source) plate.append(text('span', 'source', unit.source))
  if (unit.stale) plate.append(text('span', 'old', unit.stale))
  element.append(plate)
}

export function drawIncident(element: HTMLElement, incident: MapIncident): void {
  element.className = [
    'ghm-case',
    incident.level || 'none',
    incident.selected ? 'sel' : '',
    incident.waiting ? 'waiting' : '',
  ].join(' ')
  element.dataset.incident = incident.id
  element.innerHTML =
    '<svg viewBox="-11 -26 22 28" width="22" height="28"><path class="pin" d="M0,0C-4,-7 -9,-11 -9,-16A9,9 0 1 1 9,-16C9,-11 4,-7 0,0Z"/><circle class="pinc" cy="-16" r="3.2"/></svg>'
  const plate = text('span', 'plate', '')
  plate.append(badge(incident.level || 'none'), text('b', '', incident.label))
  if (!incident.level) plate.firstElementChild?.replaceChildren('R?')
  element.append(plate)
}

export function drawHospital(element: HTMLElement, place: MapPlace): void {
  element.className = `ghm-hosp ${place.marked ? 'main' : ''}`
  element.innerHTML =
    '<svg viewBox="-8 -8 16 16" width="16" height="16"><rect x="-7" y="-7" width="14" height="14" rx="2"/><path d="M-3,-4V4M3,-4V4M-3,0H3"/></svg>'
  element.append(text('span', 'hn', place.name))
  if (place.note) element.append(text('span', 'hs', place.note))
}

export function drawStation(element: HTMLElement, place: MapPlace): void {
  element.className = 'ghm-stn'
  element.innerHTML =
    '<svg viewBox="-7 -7 14 14" width="13" height="13"><path d="M-6,0L0,-6L6,0V6H-6Z"/></svg>'
  element.append(text('span', 'hn', place.name))
  if (place.note) element.append(text('b', '', place.note))
}

export function drawRouteLabel(
  element: HTMLElement,
  route: { kind: string; label: string; eta: string; selected?: boolean | undefined },
): void {
  element.className = `ghm-eta ${route.kind}${route.selected ? ' sel' : ''}`
  element.replaceChildren(text('span', '', route.label), text('b', '', route.eta))
}

export function drawRoad(element: HTMLElement, road: { look: string; label: string }): void {
  element.className = `ghm-road ${road.look}`
  element.innerHTML =
    '<svg viewBox="-8 -8 16 16" width="16" height="16"><circle r="7"/><path d="M-4,0H4"/></svg>'
  element.append(text('span', '', road.label))
}
