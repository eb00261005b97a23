package whmapi

import (
	"context"
	"maps"
)

// whmFunctions are the functions of WHM API 1.
func (d *Door) whmFunctions() map[string]function {
	all := map[string]function{
		"version":                       d.version,
		"installed_versions":            d.installedVersions,
		"cluster_member_has_trust_with": d.hasTrust,
		"get_nameserver_config":         d.nameserverConfig,
		"lookupnsip":                    d.lookupNSIP,
		"lookupnsips":                   d.lookupNSIPs,

		"listzones":           d.listZones,
		"adddns":              d.addZone,
		"killdns":             d.deleteZone,
		"resetzone":           d.resetZone,
		"export_zone_files":   d.exportZones,
		"has_local_authority": inKey("records", d.localAuthority),

		"parse_dns_zone":     inKey("payload", d.parseZone),
		"mass_edit_dns_zone": d.massEdit,

		"dumpzone":         d.dumpZone,
		"getzonerecord":    d.getRecord,
		"addzonerecord":    d.reloading(d.addRecord),
		"editzonerecord":   d.reloading(d.editRecord),
		"removezonerecord": d.reloading(d.removeRecord),

		"api_token_create": d.createToken,
		"api_token_list":   d.listTokens,
		"api_token_revoke": d.revokeToken,
	}
	maps.Copy(all, refusing(refusedWHM))
	return all
}

// uapiFunctions are the functions of UAPI.
func (d *Door) uapiFunctions() map[string]function {
	all := map[string]function{
		"DNS::parse_zone":          d.parseZone,
		"DNS::mass_edit_zone":      d.massEdit,
		"DNS::has_local_authority": d.localAuthority,
		"DomainInfo::list_domains": d.listDomains,
	}
	maps.Copy(all, refusing(refusedUAPI))
	return all
}

// api2Functions are the functions of API 2 but for fetchzones, whose answer
// has an order of its own.
func (d *Door) api2Functions() map[string]function {
	all := map[string]function{
		"ZoneEdit::fetchzones":         d.fetchZones,
		"ZoneEdit::fetchzone":          d.fetchZone,
		"ZoneEdit::fetchzone_records":  d.fetchRecords,
		"ZoneEdit::add_zone_record":    d.withSerial(d.addRecord),
		"ZoneEdit::edit_zone_record":   d.withSerial(d.editRecord),
		"ZoneEdit::remove_zone_record": d.withSerial(d.removeRecord),
		"CustInfo::displaycontactinfo": contactInfo,
	}
	maps.Copy(all, refusing(refusedAPI2))
	return all
}

// Known returns the names of the functions of each API, and whether they are
// served; those that are not are refused with a reason. The reference lists them.
func Known() (whm, uapi, api2 map[string]bool) {
	served := func(all map[string]function, refused map[string]string) map[string]bool {
		names := make(map[string]bool, len(all))
		for name := range all {
			_, not := refused[name]
			names[name] = !not
		}
		return names
	}
	var d Door
	return served(d.whmFunctions(), refusedWHM), served(d.uapiFunctions(), refusedUAPI), served(d.api2Functions(), refusedAPI2)
}

// inKey puts what a function gives under a key: WHM API 1 has a map where UAPI
// has the thing itself.
func inKey(key string, f function) function {
	return func(ctx context.Context, c call) (any, string, error) {
		data, text, err := f(ctx, c)
		return map[string]any{key: data}, text, err
	}
}

// The reasons why functions are refused that a caller may well ask for.
const (
	noKeys      = "Skein does not sign zones yet, and keeps no keys"
	noALIAS     = "ALIAS records are not supported"
	allTypes    = "every type that a zone file can have is taken; there is no need to ask"
	noLookups   = "Skein resolves nothing for others"
	noMXes      = "MX records are records like others: see dumpzone and mass_edit_dns_zone"
	noAccounts  = "Skein has no accounts, and generates no domains for them"
	resetByWHM  = "resetzone of WHM API 1 does it"
	ofTheServer = "there is no nameserver on this machine to choose; Skein's members answer"
)

var refusedWHM = map[string]string{
	"set_nameserver":           ofTheServer,
	"listmxs":                  noMXes,
	"savemxs":                  noMXes,
	"is_alias_available":       noALIAS,
	"is_https_available":       allTypes,
	"is_svcb_available":        allTypes,
	"update_reverse_dns_cache": "it is a cache of cPanel's own",
	"resolvedomainname":        noLookups,

	"enable_dnssec_for_domains":    noKeys,
	"disable_dnssec_for_domains":   noKeys,
	"fetch_ds_records_for_domains": noKeys,
	"add_zone_key":                 noKeys,
	"activate_zone_key":            noKeys,
	"deactivate_zone_key":          noKeys,
	"import_zone_key":              noKeys,
	"export_zone_key":              noKeys,
	"export_zone_dnskey":           noKeys,
	"remove_zone_key":              noKeys,
	"set_nsec3_for_domains":        noKeys,
	"unset_nsec3_for_domains":      noKeys,
}

var refusedUAPI = map[string]string{
	"DNS::lookup": noLookups,
	"DNS::ensure_domains_reside_only_locally":        noLookups,
	"DNS::ensure_domains_use_recognized_nameservers": noLookups,
	"DNS::fetch_cpanel_generated_domains":            noAccounts,
	"DNS::is_alias_available":                        noALIAS,
	"DNS::is_https_available":                        allTypes,
	"DNS::is_svcb_available":                         allTypes,
	"DNS::swap_ip_in_zones":                          "the server that moves an account changes its zones itself",
	"ZoneEdit::resetzone":                            resetByWHM,
	"DNSSEC::enable_dnssec":                          noKeys,
	"DNSSEC::disable_dnssec":                         noKeys,
	"DNSSEC::fetch_ds_records":                       noKeys,
	"DNSSEC::add_zone_key":                           noKeys,
	"DNSSEC::activate_zone_key":                      noKeys,
	"DNSSEC::deactivate_zone_key":                    noKeys,
	"DNSSEC::import_zone_key":                        noKeys,
	"DNSSEC::export_zone_key":                        noKeys,
	"DNSSEC::export_zone_dnskey":                     noKeys,
	"DNSSEC::remove_zone_key":                        noKeys,
	"DNSSEC::set_nsec3":                              noKeys,
	"DNSSEC::unset_nsec3":                            noKeys,
}

var refusedAPI2 = map[string]string{
	"ZoneEdit::get_zone_record":                "fetchzone_records has it",
	"ZoneEdit::resetzone":                      resetByWHM,
	"ZoneEdit::fetch_cpanel_generated_domains": noAccounts,
	"Net::dnszone":                             noLookups,
	"DnsLookup::name2ip":                       noLookups,
}

// refusing makes functions that are refused with a reason each.
func refusing(reasons map[string]string) map[string]function {
	all := make(map[string]function, len(reasons))
	for name, why := range reasons {
		err := refuse("this is not supported: %s", why)
		all[name] = func(context.Context, call) (any, string, error) { return nil, "", err }
	}
	return all
}
