import { Table } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { Schemas } from '../../api/http';
import { Mark } from '../../parts/State';

/** Checks are the findings of a test, each with its mend. */
export function Checks({ checks }: { checks?: Schemas['Check'][] }) {
  if (!checks?.length) return null;
  return (
    <Table aria-label="What the test found">
      <Table.Tbody>
        {checks.map((c) => (
          <Table.Tr key={c.name + c.text}>
            <Table.Td w={150} style={{ verticalAlign: 'top' }}>
              {c.ok ? (
                <Mark icon={c.warn ? IconAlertTriangle : IconCircleCheck} tone={c.warn ? 'wait' : 'good'} text={c.name} />
              ) : (
                <Mark icon={IconAlertCircle} tone="bad" text={c.name} />
              )}
            </Table.Td>
            <Table.Td>
              {c.text}
              {c.mend && (
                <div>
                  <b>What to do:</b> {c.mend}
                </div>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
