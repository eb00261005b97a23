import { List, Stack, Text } from '@mantine/core';
import type { Schemas } from '../../api/http';
import { count } from '../../parts/time';

/** Plan says what writing to a server would do. */
export function Plan({ plan }: { plan: Schemas['MemberPlan'] }) {
  const parts: [number | undefined, string][] = [
    [plan.add, 'zones are added there'],
    [plan.replace, 'zones are replaced by newer contents'],
    [plan.delete, 'zones are deleted there'],
    [plan.same, 'are as they should be'],
    [plan.foreign, 'are there and not Skein’s: they are left alone'],
    [plan.ahead, 'are newer there: they are left alone'],
    [plan.left, 'are not there, and not added'],
    [plan.unknown, 'could not be looked at'],
  ];
  const told = parts.filter(([n]) => n);
  return (
    <Stack gap="xs">
      <Text size="sm">Of {count(plan.zones)} zones that it should have:</Text>
      {told.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing changes.
        </Text>
      ) : (
        <List size="sm">
          {told.map(([n, text]) => (
            <List.Item key={text}>
              <b>{count(n)}</b> {text}
            </List.Item>
          ))}
        </List>
      )}
      {!!plan.examples?.length && (
        <div className="diff" role="region" aria-label="Examples" tabIndex={0}>
          {plan.examples.map((e) => (
            <div key={e.action + e.zone}>
              {e.action} {e.zone} {e.reason && <span className="soft">({e.reason})</span>}
            </div>
          ))}
        </div>
      )}
    </Stack>
  );
}
