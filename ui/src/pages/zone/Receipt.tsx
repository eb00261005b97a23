import { Group } from '@mantine/core';
import { IconCircleCheck, IconClock } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Schemas } from '../../api/http';
import { Mark, ZoneMark } from '../../parts/State';

/** Receipt says, live, which servers were seen serving the newest change. */
export function Receipt({ receipt }: { receipt: Schemas['Receipt'] }) {
  const all = receipt.members ?? [];
  const seen = all.filter((m) => m.state === 'verified').length;
  return (
    <section className="panel padded" aria-label="Receipt" style={{ padding: '0.7rem 1rem' }}>
      <Group justify="space-between" gap="xs">
        <span role="status">
          {receipt.complete || all.length === 0 ? (
            <Mark
              icon={IconCircleCheck}
              tone="good"
              text={all.length === 0 ? 'Served here; there are no other servers' : `Serial ${receipt.serial} is served everywhere`}
            />
          ) : (
            <Mark icon={IconClock} tone="wait" text={`Serial ${receipt.serial}: ${seen} of ${all.length} servers were seen serving it`} />
          )}
        </span>
        {all.length > 0 && all.length <= 12 && (
          <span className="receipt">
            {all.map((m) => (
              <Group key={m.member} gap={6} wrap="nowrap">
                <Link to="/servers/$name" params={{ name: m.member }} className="nowrap">
                  {m.member}
                </Link>
                <ZoneMark state={m.state} />
              </Group>
            ))}
          </span>
        )}
      </Group>
    </section>
  );
}
