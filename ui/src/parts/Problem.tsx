import { Alert, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Problem } from '../api/http';

/** What went wrong, why, and what to do about it. */
export function ProblemAlert({ error }: { error: unknown }) {
  if (!error) return null;
  const { detail, mend, problems, waiting, request_id } = error instanceof Problem ? error.document : { detail: String(error) };
  return (
    <Alert role="alert" color="red" variant="outline" icon={<IconAlertTriangle aria-hidden />} title={sentence(detail)}>
      {mend && <Text size="sm">What to do: {mend}</Text>}
      {problems && <Findings problems={problems} />}
      {waiting && (
        <Text size="sm">
          The change was kept:{' '}
          <Link to="/waiting/$id" params={{ id: String(waiting) }}>
            number {waiting} waits for a decision
          </Link>
          .
        </Text>
      )}
      {request_id && error instanceof Problem && error.document.kind === 'internal' && (
        <Text size="sm" c="dimmed">
          In the server’s log: request {request_id}
        </Text>
      )}
    </Alert>
  );
}

type Finding = { line?: number; name?: string; warning?: boolean; text: string };

/** Findings are the single things that are wrong, or worth a look. */
export function Findings({ problems }: { problems: readonly Finding[] | null }) {
  if (!problems?.length) return null;
  return (
    <List size="sm" mt="xs" spacing={4}>
      {problems.map((p, i) => (
        <List.Item key={i}>
          {p.line ? `Line ${p.line}: ` : ''}
          {p.name && <b>{p.name} </b>}
          {p.text}
          {p.warning && ' (a warning)'}
        </List.Item>
      ))}
    </List>
  );
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
