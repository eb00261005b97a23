import { Link } from '@tanstack/react-router';
import { readable } from './names';

/** ZoneLink leads to a zone's page, and writes its name as people read it. */
export const ZoneLink = ({ name }: { name: string }) => (
  <Link to="/zones/$name" params={{ name }} title={name}>
    {readable(name)}
  </Link>
);
