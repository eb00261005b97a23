// Package dnsadmin is the protocol that cPanel servers keep each other's zones
// in step with, both sides: what a member of a cPanel DNS cluster is asked over
// HTTPS, and a client that asks one.
//
// It is written from cPanel's public documentation and from what the client
// cPanel::PublicAPI 2.8 was seen to send, and is not confirmed by a real server
// beyond that. Where the documents are silent, the choice is said beside the code.
//
// A zone's name is text as in a zone file here, without the dot at its end; the
// root is a dot alone.
package dnsadmin

// The paths of the calls. All but Trust are below Scripts; a name with Local at
// its end is one that servers call at each other, and never passed on as it is.
const (
	Scripts = "/scripts2/"
	Trust   = "/cgi/trustclustermaster.cgi"

	ShowVersion  = Scripts + "showversion"
	GetHostname  = Scripts + "gethostname"
	GetZoneList  = Scripts + "getzonelist_local"
	ZoneExists   = Scripts + "zoneexists_local"
	GetZone      = Scripts + "getzone_local"
	GetZones     = Scripts + "getzones_local"
	GetAllZones  = Scripts + "getallzones_local"
	SaveZone     = Scripts + "savezone_local"
	QuickZoneAdd = Scripts + "quickzoneadd_local"
	SyncZones    = Scripts + "synczones_local"
	AddZoneConf  = Scripts + "addzoneconf_local"
	RemoveZone   = Scripts + "removezone_local"
	RemoveZones  = Scripts + "removezones_local"
	ReloadZones  = Scripts + "reloadzones_local"
	ReloadBIND   = Scripts + "reloadbind_local"
	ReconfigBIND = Scripts + "reconfigbind_local"
	CleanDNS     = Scripts + "cleandns_local"
	GetIPs       = Scripts + "getips_local"
	GetPath      = Scripts + "getpath_local"
	SyncKeys     = Scripts + "synckeys_local"
	RevokeKeys   = Scripts + "revokekeys_local"
)
