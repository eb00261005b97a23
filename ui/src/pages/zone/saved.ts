import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import type { Schemas } from '../../api/http';

/** useSaved closes a dialog about a zone that was changed in it, says so, and has the zone read anew. */
export function useSaved(z: Schemas['ZoneDetail'], close: () => void) {
  const client = useQueryClient();
  return (message: string) => {
    close();
    notifications.show({ message });
    void client.invalidateQueries({ queryKey: ['zone', z.name] });
    void client.invalidateQueries({ queryKey: ['contents', z.name] });
  };
}
