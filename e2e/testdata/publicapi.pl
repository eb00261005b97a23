# Calls one method of cPanel::PublicAPI and prints what it returns. The caller
# writes a JSON object to standard input: host, port, user, token, method, args.
use strict;
use warnings;
use JSON::PP ();
use cPanel::PublicAPI              ();
use cPanel::PublicAPI::WHM         ();
use cPanel::PublicAPI::WHM::DNS    ();
use cPanel::PublicAPI::WHM::Legacy ();

my $in = JSON::PP::decode_json( do { local $/; <STDIN> } );
{
    no warnings 'redefine';    # the client knows no other port than 2087
    *cPanel::PublicAPI::_determine_port_for_service = sub { $in->{port} };
}
my $api    = cPanel::PublicAPI->new( host => $in->{host}, user => $in->{user}, api_token => $in->{token}, timeout => 60, error_log => '/dev/null' );
my $method = $in->{method};
print join "\n", map { ref eq 'SCALAR' ? $$_ : $_ // '' } $api->$method( @{ $in->{args} } );
if ( $api->{error} ) {
    print STDERR $api->{error};
    exit 1;
}
