import { useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';

/** Notices are told where they cover nothing that is worked with: beneath the menu, or on a phone one at a time at the top. */
export function Notices() {
  const phone = useMediaQuery('(max-width: 48em)', false);
  return phone ? <Notifications position="top-center" limit={1} /> : <Notifications position="bottom-left" containerWidth={216} />;
}
