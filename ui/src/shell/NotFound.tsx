import { Link } from '@tanstack/react-router';
import { Empty } from '../parts/Answer';

export const NotFound = () => (
  <Empty title="There is nothing at this address" action={<Link to="/">To the overview</Link>}>
    Perhaps it was deleted, or the address is not whole.
  </Empty>
);
