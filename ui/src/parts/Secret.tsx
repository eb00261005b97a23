import { Button, CopyButton, Group, ScrollArea } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="default"
          style={{ flex: 'none' }}
          onClick={copy}
          leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
        >
          <span aria-live="polite">{copied ? 'Copied' : label}</span>
        </Button>
      )}
    </CopyButton>
  );
}

/** Secret is shown this once: to be copied. */
export function Secret({ text, label }: { text: string; label: string }) {
  return (
    <Group className="panel" p="sm" wrap="nowrap" align="center" justify="space-between">
      <output className="secret" aria-label={label}>
        {text}
      </output>
      <Copy text={text} />
    </Group>
  );
}

/** Block is text of several lines to paste elsewhere. */
export function Block({ text, label }: { text: string; label: string }) {
  return (
    <div className="panel">
      <Group className="panel-head" justify="space-between">
        <b>{label}</b>
        <Copy text={text} />
      </Group>
      <ScrollArea.Autosize mah={340} viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': label }}>
        <pre className="mono" style={{ margin: 0, padding: '0.8rem 1rem', whiteSpace: 'pre' }}>
          {text}
        </pre>
      </ScrollArea.Autosize>
    </div>
  );
}
