import { TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';

type Props = { label: string; text?: string; onSearch: (text: string) => void };

/** Search tells what is typed once typing pauses; the key / leads to it. */
export function Search({ label, text: given = '', onSearch }: Props) {
  const [text, setText] = useState(given);
  const told = useRef(given);
  const input = useRef<HTMLInputElement>(null);
  const tell = useDebouncedCallback((now: string) => {
    told.current = now;
    onSearch(now);
  }, 200);
  useHotkeys([['/', () => input.current?.focus()]]);
  useEffect(() => {
    if (given === told.current) return; // it is what was typed here
    told.current = given;
    setText(given);
  }, [given]);
  return (
    <TextInput
      ref={input}
      type="search"
      aria-label={label}
      placeholder={`${label}  ( / )`}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={text}
      maxLength={255}
      w={{ base: '100%', sm: 320 }}
      onChange={(e) => {
        setText(e.target.value);
        tell(e.target.value.trim());
      }}
    />
  );
}
