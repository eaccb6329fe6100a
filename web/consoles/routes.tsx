/** Which console stands at which path, and who may open it. The server decides what it shows. */
import type { Role } from '@gh/contract'
import { type ComponentType, lazy } from 'react'
import { createBrowserRouter } from 'react-router'
import { Crash, Gate, Home } from './shell.tsx'

// Every console is a folder with a default export; each loads only when opened.
const CONSOLES = import.meta.glob<{ default: ComponentType }>('./*/index.tsx')

function open(folder: string): ComponentType {
  const load = CONSOLES[`./${folder}/index.tsx`]
  if (load === undefined) throw new Error(`no console in the folder ${folder}`)
  return lazy(load)
}

const ROUTES: { path: string; folder: string; roles: Role[] }[] = [
  { path: '/dispatcher', folder: 'dispatcher', roles: ['dispatcher', 'supervisor'] },
  { path: '/paper', folder: 'paper', roles: ['dispatcher', 'supervisor'] },
  { path: '/crew', folder: 'crew', roles: ['crew', 'station'] },
  { path: '/hospital', folder: 'hospital', roles: ['hospital'] },
  {
    path: '/review/:incident?',
    folder: 'review',
    roles: ['quality', 'supervisor', 'dispatcher', 'admin'],
  },
  {
    path: '/review/:incident/replay',
    folder: 'review',
    roles: ['quality', 'supervisor', 'dispatcher', 'admin'],
  },
  { path: '/kpi', folder: 'review', roles: ['quality', 'supervisor', 'dispatcher', 'admin'] },
  { path: '/fleet', folder: 'review', roles: ['quality', 'supervisor', 'dispatcher'] },
  { path: '/waiting', folder: 'review', roles: ['quality'] },
  { path: '/roster', folder: 'review', roles: ['supervisor'] },
  { path: '/vehicles', folder: 'review', roles: ['supervisor'] },
  { path: '/nodes', folder: 'review', roles: ['supervisor'] },
  { path: '/ws542', folder: 'review', roles: ['quality', 'supervisor', 'admin'] },
  { path: '/admin', folder: 'admin', roles: ['admin'] },
  { path: '/untreated/:mission', folder: 'untreated', roles: ['crew'] },
  {
    path: '/record/:patient',
    folder: 'record',
    roles: ['crew', 'hospital', 'quality', 'supervisor'],
  },
]

export const router = createBrowserRouter([
  {
    errorElement: <Crash />,
    children: [
      { path: '/login', Component: open('login') },
      { path: '/join', Component: open('join') },
      ...ROUTES.filter(({ folder }) => `./${folder}/index.tsx` in CONSOLES).map(
        ({ path, folder, roles }) => ({
          path,
          element: <Gate roles={roles} Console={open(folder)} />,
        }),
      ),
      { path: '*', Component: Home },
    ],
  },
])
