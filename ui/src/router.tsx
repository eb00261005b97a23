import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Overview } from './pages/overview/Overview';
import { ProblemAlert } from './parts/Problem';
import { Shell } from './shell/Shell';
import { NotFound } from './shell/NotFound';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => <ProblemAlert error={error} />,
});
const at = <const P extends string>(path: P, load: () => Promise<{ default: React.ComponentType }>) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) });

// The server has the same list of first segments: internal/web.Pages.
const tree = root.addChildren([
  createRoute({ getParentRoute: () => root, path: '/', component: Overview }),
  createRoute({ getParentRoute: () => root, path: '/claim' }),
  at('/servers', () => import('./pages/servers/Servers')),
  at('/add-server', () => import('./pages/servers/Add')),
  at('/servers/$name', () => import('./pages/servers/Server')),
  at('/synchronize', () => import('./pages/synchronize/Synchronize')),
  at('/zones', () => import('./pages/zones/Zones')),
  at('/zones/new', () => import('./pages/zones/New')),
  at('/zones/deleted', () => import('./pages/zones/Deleted')),
  at('/zones/$name', () => import('./pages/zone/Zone')),
  at('/activity', () => import('./pages/activity/Activity')),
  at('/waiting', () => import('./pages/waiting/Waiting')),
  at('/waiting/$id', () => import('./pages/waiting/Decide')),
  at('/sources', () => import('./pages/sources/Sources')),
  at('/access', () => import('./pages/access/Access')),
  at('/pools', () => import('./pages/pools/Pools')),
  at('/templates', () => import('./pages/templates/Templates')),
  at('/settings', () => import('./pages/settings/Settings')),
  at('/account', () => import('./pages/account/Account')),
]);

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent' });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
