import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../api/http';
import { me, tenants } from '../api/queries';

export type Permission = 'zones' | 'records' | 'sources' | 'clustering' | 'access';

/**
 * may says whether it is worth while to show somebody a page or a button. It
 * decides nothing: the server does, and says so where the two differ.
 */
export function may(who: Schemas['Me'] | null | undefined, permission: Permission): boolean {
  const scope = who?.scope?.permissions;
  if (!who || (scope?.length && !scope.includes(permission))) return false;
  switch (who.actor.role) {
    case 'root':
    case 'reseller':
      return true;
    case 'read-only':
      return false;
    default:
      return permission === 'zones' || permission === 'records';
  }
}

/** sees is the same for looking: who may only look sees what others may change. */
export function sees(who: Schemas['Me'] | null | undefined, permission: Permission): boolean {
  return may(who, permission) || who?.actor.role === 'read-only';
}

export function useMay() {
  const { data: who } = useQuery(me);
  const reseller = who?.actor.role === 'reseller';
  const { data: all } = useQuery({ ...tenants, enabled: reseller });
  // What a reseller has of the cluster is up to root.
  const has = (p: Permission) => !reseller || p !== 'clustering' || !!all?.find((t) => t.name === who?.actor.tenant)?.clustering;
  return {
    who,
    may: (p: Permission) => may(who, p) && has(p),
    sees: (p: Permission) => sees(who, p) && has(p),
    root: who?.actor.role === 'root' || (who?.actor.role === 'read-only' && who.actor.tenant === 'root'),
  };
}
