// Made by `npm run types` from the OpenAPI document. Do not edit.
export type paths = {
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the audit log
         * @description Changes and refusals, newest first: those that all the parameters fit that are given.
         */
        get: operations["list-audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/{seq}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what a change did
         * @description A line each: `- ` what was, `+ ` what came. Of what was refused it is what was to change.
         */
        get: operations["audit-diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Claim the administrator's token
         * @description Redeems, once, the code of the link that was printed at first start.
         */
        post: operations["claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cluster": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the cluster's settings
         * @description Whether clustering is enabled, since when and by whom; when a member that fails is disabled; who decides conflicts; whose zones are accepted.
         */
        get: operations["get-cluster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the cluster's settings
         * @description What is not sent stays.
         */
        patch: operations["edit-cluster"];
        trace?: never;
    };
    "/api/v1/cluster/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable clustering
         * @description Changes are accepted and kept, and no member is told. What members serve stays transferable as it is now, also over a restart.
         */
        post: operations["disable-clustering"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/cluster/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable clustering
         * @description Members are told what has changed meanwhile.
         */
        post: operations["enable-clustering"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/doors/plesk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Push from Plesk
         * @description Takes what Plesk's custom DNS backend gives its program on standard input: an array of tasks. Each task has an outcome of its own; one that is refused does not hold up the others.
         */
        post: operations["push-plesk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/drivers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List drivers
         * @description The kinds of members that there can be, and what has to be said of one when it is added.
         */
        get: operations["list-drivers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow events
         * @description Server-sent events: changes of zones, their states on members, states of members, notices. Who is no administrator hears of its own zones only. With Last-Event-ID (a revision) the changes after it come first. Where events are left out, for a slow reader or a long break, a notice `lost` says so.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Give a sign of life
         * @description Needs no token.
         */
        get: operations["get-health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/lookup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Look a name up at each member
         * @description What each member of the pool of the zone that the name is in answers over DNS. Nobody else is asked.
         */
        get: operations["lookup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show who I am
         * @description The actor that the token or the session stands for, and what it may do.
         */
        get: operations["get-me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Confirm the authenticator
         * @description With a code that it shows. From now on a login needs one.
         */
        put: operations["confirm-totp"];
        /**
         * Begin to use an authenticator
         * @description Gives the secret, once, and the URL that an authenticator reads as a QR code. It counts when a code has confirmed it.
         */
        post: operations["begin-totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List members
         * @description Every server that Skein keeps in step, with what was observed of it.
         */
        get: operations["list-members"];
        put?: never;
        /**
         * Add a member
         * @description Stores the member, tests it and enables it if it passes. The server of a panel, with its own zones, that would be given all others stays pending, and a warning says how many those are. What is wrong is named with its mend. A pending member of that name is completed.
         */
        post: operations["add-member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a member
         * @description The ETag is for the changes of its settings and of its state.
         */
        get: operations["get-member"];
        put?: never;
        post?: never;
        /**
         * Remove a member
         * @description Forgets it and revokes its keys. With `clean` the zones that Skein put on it are first deleted there; `dry_run` says how many would be.
         */
        delete: operations["remove-member"];
        options?: never;
        head?: never;
        /**
         * Change a member
         * @description What is not sent stays, secrets too. The member is tested with the new settings, and keeps the old ones if it fails. Another role that writes shows with `dry_run` what would go where, and is given with the `confirm` of that plan.
         */
        patch: operations["edit-member"];
        trace?: never;
    };
    "/api/v1/members/{name}/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a member's configuration block
         * @description The block to paste into its own configuration. It holds secrets.
         */
        get: operations["get-member-config"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable a member
         * @description Nothing is written to it until a person enables it again. What it serves stays transferable.
         */
        post: operations["disable-member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable a member
         * @description It is told what it has missed. What that is, its plan shows before. One that is pending or observed is tested first; a server of a panel among them is enabled with the `confirm` of its plan.
         */
        post: operations["enable-member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take the zones of a member in
         * @description One JSON object a line: what becomes of each zone that the member has, or of those that are named. One that is not here comes in; one that is stays as it is. With `take_over` those that are here and there alike become Skein's on the member. A line without a zone says why the rest was not done. With `dry_run` nothing changes.
         */
        post: operations["import-member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a member's debug log
         * @description One JSON object a line, oldest first: every request to the member with its answer and how long it took, without secrets. With `follow` it goes on. Debugging a member is switched on with a change of it.
         */
        get: operations["get-member-log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/observe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Observe a member
         * @description It is looked at and compared, and nothing at all is written to it.
         */
        post: operations["observe-member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what enabling a member would do
         * @description How many zones would be added, replaced and deleted on it, with examples; it is asked for what it has.
         */
        get: operations["get-member-plan"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/replacement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Put a new machine in a member's place
         * @description As a change of the member; and nothing counts that was seen of the old machine: every zone is looked at anew.
         */
        put: operations["replace-member"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{name}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Test a member
         * @description Tries everything that a member must be able to do, and changes nothing that stays. A pending member that passes becomes enabled; the server of a panel that would be given all zones stays pending.
         */
        post: operations["test-member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members:config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prepare a member
         * @description Stores a pending member and answers with the block to paste into its own configuration. The block holds secrets.
         */
        post: operations["configure-member"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the metrics
         * @description Of the node and its members, as Prometheus reads them; also at `/metrics`. For administrators, and for tokens of root that only read.
         */
        get: operations["get-metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notices/trial": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try where notices go
         * @description Sends a trial to every target at once, and says what became of it. For administrators.
         */
        post: operations["try-notices"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List pools
         * @description The members and the nameserver sets that serve zones: root's `default`, and those of resellers that may have one.
         */
        get: operations["list-pools"];
        put?: never;
        /**
         * Make a pool
         * @description A reseller makes one, of its own name; root makes any. A tenant's zones move to it when its `pool` says so.
         */
        post: operations["create-pool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pools/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a pool
         * @description With what is wrong with its nameserver set, as far as can be seen, and how far its last change has come to the zones.
         */
        get: operations["get-pool"];
        /**
         * Change a pool's nameserver set
         * @description It becomes what is sent. With the rule `add` or `replace` every zone shows it, those that come in from now on at once and the others one after the other in the background: `progress` of the pool tells how far that is. Zones that their source signs stay as they are.
         */
        put: operations["edit-pool"];
        post?: never;
        /**
         * Delete a pool
         * @description Refused while zones, members or tenants are in it.
         */
        delete: operations["delete-pool"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/pools/{name}/members/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Share a member with a pool
         * @description It serves the zones of that pool too, in a role of its own there, or gets another role there.
         */
        put: operations["share-member"];
        post?: never;
        /**
         * Share a member no more
         * @description What it has of that pool's zones stays on it, and is no longer looked after.
         */
        delete: operations["unshare-member"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description Begins a session of a user. A wrong name and a wrong password are answered alike.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Log out
         * @description Ends the session that makes the call.
         */
        delete: operations["logout"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/source-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List standing rules
         * @description What one source may do with the zones of another without a person.
         */
        get: operations["list-source-rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/source-rules/{kind}/{from}/{to}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Make a standing rule
         * @description takeover: what `to` saves or deletes of zones of `from` becomes its own. overlay: `to` may put RRsets of its own into them.
         */
        put: operations["put-source-rule"];
        post?: never;
        /** End a standing rule */
        delete: operations["delete-source-rule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sources
         * @description Every server, panel, program or person that zones come from, with what was observed of it.
         */
        get: operations["list-sources"];
        put?: never;
        /**
         * Add a source
         * @description Refused if there is one of that name. What it signs with goes in here and never comes out again.
         */
        post: operations["add-source"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a source */
        get: operations["get-source"];
        /**
         * Change a source
         * @description It becomes what is sent, but for its door, which stays; keys that are not sent stay too. With If-Match only if it is still as it was read.
         */
        put: operations["edit-source"];
        post?: never;
        /**
         * Remove a source
         * @description With its tokens, rules and overlays, and what waits of it. `zones` says what becomes of its zones; `dry_run` shows first what would go.
         */
        delete: operations["remove-source"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sources/{name}/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo what a source changed
         * @description Each zone that it changed since a time becomes what it was before; those that others have changed since are listed and left alone. `dry_run` gives the plan, whose `id` carries it out, and goes on with it if it was interrupted.
         */
        post: operations["revert-source"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the state at a glance
         * @description Version, newest revision, number of zones, members, and who you are.
         */
        get: operations["get-status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List jobs of synchronising
         * @description Those that run and the last ones that ended, the newest first.
         */
        get: operations["list-syncs"];
        put?: never;
        /**
         * Synchronise zones
         * @description One zone or all, from members that are read into this cluster, and to members that are written. It goes on in the background, also over a restart; the same request again answers with the job that runs. With `dry_run` it answers with the plan.
         */
        post: operations["start-sync"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sync/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show how far a job has come */
        get: operations["get-sync"];
        put?: never;
        post?: never;
        /**
         * End a job
         * @description What it has done stays.
         */
        delete: operations["cancel-sync"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List templates
         * @description Those that come with Skein, root's, your own, and those of tenants below you.
         */
        get: operations["list-templates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a template
         * @description That of `tenant`, or else the one of this name that your zones are made from.
         */
        get: operations["get-template"];
        /**
         * Make or change a template
         * @description It is a zone file with variables such as `%domain%`. Zones are made of it for examples, by the rules of editors; what is wrong in them is named with its line in the template, and the template is not taken.
         */
        put: operations["put-template"];
        post?: never;
        /**
         * Delete a template
         * @description Zones that were made from it stay as they are. One that comes with Skein is in force again where this took its place.
         */
        delete: operations["delete-template"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates:check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check a template
         * @description Says whether a template would be taken, and what is wrong with it, line by line. Changes nothing.
         */
        post: operations["check-template"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tenants
         * @description The caller's own and those below it, by name.
         */
        get: operations["list-tenants"];
        put?: never;
        /**
         * Add a tenant
         * @description A reseller below root, or a customer below either. It gets a source of its own name, for the zones that its people put in.
         */
        post: operations["add-tenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tenants/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a tenant */
        get: operations["get-tenant"];
        put?: never;
        post?: never;
        /**
         * Remove a tenant
         * @description Refused while it has zones, sources, users or tenants below it.
         */
        delete: operations["remove-tenant"];
        options?: never;
        head?: never;
        /**
         * Change a tenant
         * @description What is not sent stays. With another pool its zones move in the background, one after the other.
         */
        patch: operations["edit-tenant"];
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tokens
         * @description Without their secrets, which nobody knows any more.
         */
        get: operations["list-tokens"];
        put?: never;
        /**
         * Create a token
         * @description Its secret is in this answer and nowhere else: only its hash is kept.
         */
        post: operations["create-token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a token
         * @description It is worthless at once.
         */
        delete: operations["delete-token"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/transfer-zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List transfer zones
         * @description The zones that sources ask to be transferred, a part at a time: go on with `next` as `cursor`.
         */
        get: operations["list-transfer-zones"];
        put?: never;
        /**
         * Transfer a zone in
         * @description From now on, from the primaries that are given or those of its source. 200 if the source asked for it already.
         */
        post: operations["add-transfer-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/transfer-zones/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a transfer zone */
        get: operations["get-transfer-zone"];
        /** Give a transfer zone other primaries */
        put: operations["change-transfer-zone"];
        post?: never;
        /**
         * End the transfers of a zone
         * @description Its source does not list it any more, and the zone is deleted, as by its source.
         */
        delete: operations["delete-transfer-zone"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List users
         * @description Those of the caller's tenant and of those below it, by name.
         */
        get: operations["list-users"];
        put?: never;
        /**
         * Add a user
         * @description Of its password only a hash is kept.
         */
        post: operations["add-user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Show a user */
        get: operations["get-user"];
        put?: never;
        post?: never;
        /**
         * Remove a user
         * @description With its sessions. What it did stays in the audit log.
         */
        delete: operations["remove-user"];
        options?: never;
        head?: never;
        /**
         * Change a user
         * @description Its role, and whether it may sign in; what is not sent stays. One that is disabled is signed out at once.
         */
        patch: operations["edit-user"];
        trace?: never;
    };
    "/api/v1/users/{name}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change a password
         * @description One's own with the old one; another's where one may. All sessions of the user end.
         */
        put: operations["set-password"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{name}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sessions
         * @description Where a user is signed in, the oldest first.
         */
        get: operations["list-sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{name}/sessions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a session */
        delete: operations["end-session"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{name}/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take an authenticator away
         * @description No one-time code is asked for any more: for who lost theirs.
         */
        delete: operations["drop-totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what waits for a person
         * @description Holds, conflicts between sources, and approvals, the oldest first, a part at a time: go on with `next` as `cursor`.
         */
        get: operations["list-waiting"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waiting/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show what waits
         * @description With both versions: what the zone holds, and what it would hold.
         */
        get: operations["get-waiting"];
        put?: never;
        post?: never;
        /**
         * Drop a change
         * @description The zone stays as it is. With If-Match only if no newer change has taken its place since it was looked at.
         */
        delete: operations["discard-waiting"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waiting/{id}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let a change through
         * @description It is made as if it came now from whoever sent it. With If-Match only if no newer change has taken its place since it was looked at.
         */
        post: operations["release-waiting"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waiting:discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Drop many changes
         * @description All that fit the filter.
         */
        post: operations["discard-all-waiting"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/waiting:release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let many changes through
         * @description All that fit the filter. One that fails goes on waiting and does not hold up the others.
         */
        post: operations["release-all-waiting"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List zones
         * @description Zones in canonical order of their names, a part at a time: go on with `next` as `cursor`.
         */
        get: operations["list-zones"];
        put?: never;
        /**
         * Create a zone
         * @description From zone file text or from records. Refused if the zone exists.
         */
        post: operations["create-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a zone
         * @description What Skein knows of it, and where its newest revision has arrived. The contents are under `records` and `file`.
         */
        get: operations["get-zone"];
        /**
         * Replace or create a zone
         * @description The contents become exactly what is sent. With If-Match only if the zone is still at that revision.
         */
        put: operations["put-zone"];
        post?: never;
        /**
         * Delete a zone
         * @description From Skein and from every member. Its history is kept, and its serial is remembered.
         */
        delete: operations["delete-zone"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/assign": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hand a zone over to another tenant
         * @description With its history; from now on it is that one's affair.
         */
        post: operations["assign-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/diff": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Compare versions
         * @description Between two revisions of the history, or with `member` from what is published to what that member really serves.
         */
        get: operations["diff-zone"];
        put?: never;
        /**
         * Compare with a zone file
         * @description What would change if the file were imported.
         */
        post: operations["diff-zone-file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export a zone file
         * @description The published contents as RFC 1035 text.
         */
        get: operations["export-zone"];
        /**
         * Import a zone file
         * @description The contents become exactly those of the file; the zone is created if it is new. `$INCLUDE` is refused, `$GENERATE` supported.
         */
        put: operations["import-zone"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a zone's history
         * @description Its newest changes, newest first, across its lives: who, through which door, when, how much.
         */
        get: operations["zone-history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/overlays": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List overlays
         * @description The RRsets that are not of the zone's origin, and what it has beneath them. They survive what the origin sends.
         */
        get: operations["list-overlays"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/overlays/{owner}/{type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Drop an overlay
         * @description What the origin has beneath is in service again.
         */
        delete: operations["drop-overlay"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/overlays/{owner}/{type}/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adopt an overlay
         * @description It becomes the origin's own: what the origin sends next may replace it.
         */
        post: operations["adopt-overlay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/receipt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the receipt
         * @description Which members were told of a revision, the newest if none is named, and which were seen serving it or a later one.
         */
        get: operations["get-receipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List records
         * @description The published RRsets in canonical order, a part at a time: go on with `next` as `cursor`. Whole big zones are better read as a file.
         */
        get: operations["list-records"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Edit records
         * @description Changes single RRsets, all of them or none.
         */
        patch: operations["edit-records"];
        trace?: never;
    };
    "/api/v1/zones/{name}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reset a zone
         * @description It becomes what a template makes of it, with its own addresses if no others are given. Its valid TXT records stay.
         */
        post: operations["reset-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore an old version
         * @description What the zone held at a revision, also of an earlier life of its name, becomes its contents again by a new change with a higher serial.
         */
        post: operations["restore-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/takeover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a zone to another source
         * @description From now on it belongs to that one. If a version of that source waits, it becomes the zone in the same change.
         */
        post: operations["take-over-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/trace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Follow the delegation of the zone
         * @description Goes from the root of the DNS down to the zone, as a resolver does that remembers nothing: whom each step refers to, what each nameserver answers, and what is wrong with the mend. For others than root's people addresses that are not public are not asked, but for members.
         */
        get: operations["trace-zone"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/undelete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring a deleted zone back
         * @description With what it held, to the source that it belonged to, under a higher serial. Refused if the name is taken.
         */
        post: operations["undelete-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/versions/{revision}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an old version
         * @description The contents as they were at a revision of the zone's history, as zone file text.
         */
        get: operations["get-version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones/{name}/wait": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Wait until members serve the zone
         * @description Answers when enough members were seen serving the revision or a later one. When the time is up, the problem document carries the receipt so far.
         */
        get: operations["wait-zone"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones:check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check contents
         * @description Says whether contents would be accepted, and what is wrong with them, line by line. Changes nothing.
         */
        post: operations["check-zone"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones:deleted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deleted zones
         * @description Those that can be brought back, and until when: the newest deletion first, a part at a time; go on with `next` as `cursor`.
         */
        get: operations["list-deleted-zones"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones:services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add or remove service domains
         * @description The names of a hosting panel's services (`webmail`, `cpanel`, …), in one zone or in many, a part at a time: go on with `next` as `cursor`. What somebody else has put at such a name stays.
         */
        post: operations["service-domains"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/zones:template": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a zone from a template
         * @description A template of the owner's reseller wins over root's, and that over one that comes with Skein. The pool's nameserver set gives nameservers and their addresses. Refused if the zone exists.
         */
        post: operations["create-zone-from-template"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
};
export type webhooks = Record<string, never>;
export type components = {
    schemas: {
        Actor: {
            /** @description api, cli, plesk, … */
            door: string;
            /** @description administrator, token or source name */
            name: string;
            role?: string;
            /** @description the source that zones of this actor belong to */
            source: string;
            tenant?: string;
        };
        AssignZone: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /** @example north-hosting */
            tenant: string;
        };
        AuditDiff: {
            lines: string[];
        };
        AuditEntry: {
            /** @description zone.create, zone.replace, zone.restore, record.set, zone.delete, zone.undelete, … */
            action: string;
            actor: components["schemas"]["Actor"];
            /**
             * Format: int64
             * @description records that came
             */
            added: number;
            /** @description where it came from */
            address?: string;
            /** Format: date-time */
            at: string;
            /** @description what was to change, a line each; missing for what is in the history of a zone */
            diff?: string[];
            /** @description given by the caller or made up; a repeated id is not applied twice */
            id: string;
            /** @description why it was refused; refusals have no revision */
            refused?: string;
            /**
             * Format: int64
             * @description records that went
             */
            removed: number;
            /** Format: int64 */
            revision: number;
            /** Format: int64 */
            seq: number;
            /** Format: int32 */
            serial?: number;
            /** @description of the actor */
            tenant?: string;
            zone?: string;
            zone_id?: string;
        };
        AuditList: {
            entries: components["schemas"]["AuditEntry"][];
            /** @description cursor of the next, older part; missing at the end */
            next?: string;
        };
        Change: {
            /** @description zone.create, zone.replace, zone.restore, record.set, zone.delete, zone.undelete, … */
            action: string;
            actor: components["schemas"]["Actor"];
            /**
             * Format: int64
             * @description records that came
             */
            added: number;
            /** @description where it came from */
            address?: string;
            /** Format: date-time */
            at: string;
            /** @description what was to change, a line each; missing for what is in the history of a zone */
            diff?: string[];
            /** @description given by the caller or made up; a repeated id is not applied twice */
            id: string;
            /** @description why it was refused; refusals have no revision */
            refused?: string;
            /**
             * Format: int64
             * @description records that went
             */
            removed: number;
            /** Format: int64 */
            revision: number;
            /** Format: int32 */
            serial?: number;
            /** @description of the actor */
            tenant?: string;
            zone?: string;
            zone_id?: string;
        };
        ChangeList: {
            changes: components["schemas"]["Change"][];
        };
        Check: {
            /** @description what to do, with every possible cause where the protocol hides which */
            mend?: string;
            /** @description rndc, version, key, clock, tsig-list, allow-new-zones, transfer, dns, zones */
            name: string;
            ok: boolean;
            /** @description what was found */
            text: string;
            warn?: boolean;
        };
        CheckResult: {
            /** @description no errors; there may be warnings */
            ok: boolean;
            problems: components["schemas"]["Problem"][];
            /** Format: int64 */
            records: number;
        };
        CheckTemplate: {
            /** @description a zone file with variables */
            text: string;
        };
        CheckZone: {
            /** @description zone file text (RFC 1035); either this or records. $INCLUDE is refused */
            file?: string;
            /** @example example.com. */
            name: string;
            /** @description every RRset of the zone, the SOA among them */
            records?: components["schemas"]["RecordSet"][];
            /** @description normalise and warn, as for panels and transfers, where the strict profile of editors would refuse */
            tolerant?: boolean;
        };
        ClaimBody: {
            code: string;
        };
        ClusterSettings: {
            /** @description whether those of AutoConfig and Autodiscover are among them */
            autodiscover: boolean;
            /** @description host that the SRV record of Autodiscover names; there is none without */
            autodiscover_host?: string;
            /** Format: date-time */
            changed_at?: string;
            /** @description who enabled or disabled it last */
            changed_by?: string;
            /**
             * @description who decides when a member has a newer copy than Skein
             * @enum {string}
             */
            conflicts: "person" | "highest-serial";
            /** @description false: changes are kept, and no member is told */
            enabled: boolean;
            /** @description whether a member that is disabled for its failures is a notice */
            failure_notices: boolean;
            /** @description no member is ever disabled for its failures */
            keep_online?: boolean;
            /**
             * @description how a member that the threshold disabled comes back: when it answers, or by a person
             * @enum {string}
             */
            reenable: "automatic" | "manual";
            /**
             * Format: int64
             * @description while disabled: the newest revision that members may have
             */
            released?: number;
            /**
             * @description whether others than administrators may create zones that trusted nameservers do not serve today
             * @enum {string}
             */
            remote: "allowed" | "trusted";
            /** @description whether they are on, for those who ask */
            service_domains: boolean;
            /**
             * Format: int64
             * @description failures in a row at which a member is disabled
             */
            threshold: number;
            /** @description networks of nameservers that domains may be at */
            trusted: string[];
            /**
             * Format: int64
             * @description grows by one with each change; also the ETag
             */
            version: number;
        };
        ConfigStyle: {
            /** @description the server's working directory, which it may write to */
            directory?: string;
            /** @description it has an options statement already: print what goes into that one apart */
            merge?: boolean;
        };
        CreateToken: {
            /** @description the role root */
            admin?: boolean;
            /**
             * Format: date-time
             * @description never if not set
             */
            expires?: string;
            /**
             * @description in which the secret is made, for cPanel's programs; if not set Skein's own, or whm for a source of that door
             * @enum {string}
             */
            form?: "whm" | "access-hash";
            /** @example plesk1.example.net */
            name: string;
            /**
             * @description missing for a panel's token, which acts for its source alone
             * @enum {string}
             */
            role?: "root" | "reseller" | "customer" | "read-only";
            /** @description what it is limited to */
            scope?: components["schemas"]["Scope"];
            /** @description zones put in with it belong to this source; if not set the name, or admin for an administrator */
            source?: string;
            /** @description whose token it is to be; that of the caller if not set */
            tenant?: string;
        };
        CreateZone: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /** @description zone file text (RFC 1035); either this or records. $INCLUDE is refused */
            file?: string;
            /**
             * @description absolute name, Unicode or A-labels
             * @example example.com.
             */
            name: string;
            /** @description every RRset of the zone, the SOA among them */
            records?: components["schemas"]["RecordSet"][];
            /** @description normalise and warn, as for panels and transfers, where the strict profile of editors would refuse */
            tolerant?: boolean;
        };
        DeletedList: {
            /** @description cursor of the next part; missing at the end */
            next?: string;
            zones: components["schemas"]["DeletedZone"][];
        };
        DeletedZone: {
            /** Format: date-time */
            changed: string;
            /** Format: date-time */
            created: string;
            deleted?: boolean;
            id: string;
            /**
             * Format: date-time
             * @description it is purged soon after
             */
            kept_until: string;
            /**
             * Format: int64
             * @description the one before the deletion, with the contents that would come back
             */
            last_revision: number;
            name: string;
            /** @description name of the source that the zone belongs to */
            origin: string;
            /** @description the source that it belonged to before */
            origin_before?: string;
            /**
             * Format: date-time
             * @description since when it belongs to that source
             */
            origin_since?: string;
            /** @description tenant */
            owner: string;
            pool: string;
            /** @description the pool that it was in before */
            pool_before?: string;
            /**
             * Format: int64
             * @description revision of the last change of what is served; a takeover is none
             */
            published: number;
            /** Format: int64 */
            records: number;
            /**
             * Format: int64
             * @description of the last change; also the ETag
             */
            revision: number;
            /**
             * Format: int32
             * @description the published serial
             */
            serial: number;
            serial_policy?: string;
            /** @description what was observed of its transfers, where one zone is shown that is transferred in */
            transfer?: components["schemas"]["TransferStatus"];
        };
        DeltaBody: {
            added: components["schemas"]["RecordSet"][];
            removed: components["schemas"]["RecordSet"][];
        };
        DoorReport: {
            /** @description of the source: push, or transfer */
            mode?: string;
            /** @description as whom the panel is known */
            source?: string;
            tasks: components["schemas"]["TaskResult"][] | null;
        };
        DriverInfo: {
            /** @description it answers DNS at an address of its own */
            address: boolean;
            /** @description a client certificate with its private key */
            certificate: boolean;
            /** @description where none is given; if not set, one must be */
            default_user?: string;
            /** @description in a few words */
            does: string;
            /** @example bind */
            name: string;
            /**
             * Format: int32
             * @description of its API, where the endpoint names none
             */
            port?: number;
            /** @description there is a configuration to paste on its members */
            prints: boolean;
            /** @description an rndc key and port, perhaps a view */
            rndc: boolean;
            /** @description that its members can have, the one by default first */
            roles: string[];
            settings: components["schemas"]["DriverSetting"][];
            /** @description an API token or key */
            token: boolean;
            /** @description it fetches zones from primaries, with keys */
            transfer: boolean;
            /** @description where the API is of a service that all share; an endpoint says otherwise */
            url?: string;
            /** @description a user to sign in as */
            username: boolean;
        };
        DriverList: {
            drivers: components["schemas"]["DriverInfo"][];
        };
        DriverSetting: {
            default?: string;
            help: string;
            /** @description of the value, in capitals */
            meaning: string;
            name: string;
        };
        EditBody: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /** @description applied in this order, all or none */
            edits: components["schemas"]["RecordEdit"][];
            /** @description normalise and warn where the strict profile of editors would refuse */
            tolerant?: boolean;
        };
        EditCluster: {
            autodiscover?: boolean;
            /** @description empty: none */
            autodiscover_host?: string;
            /** @enum {string} */
            conflicts?: "person" | "highest-serial";
            failure_notices?: boolean;
            keep_online?: boolean;
            /** @enum {string} */
            reenable?: "automatic" | "manual";
            /** @enum {string} */
            remote?: "allowed" | "trusted";
            service_domains?: boolean;
            /**
             * Format: int64
             * @description 1 to 1000; keep_online for never
             */
            threshold?: number;
            trusted?: string[];
        };
        EditMember: {
            /**
             * Format: ip
             * @description where it answers DNS; everything on a new address is looked at anew
             * @example 192.0.2.53
             */
            address?: string;
            /** @description of the rndc and TSIG keys */
            algorithm?: string;
            /** @description that of the plan of a dry run with the same role; another role that writes needs it, unless the member is to be pending */
            confirm?: string;
            /** @description write down everything that is said to it and what it answers */
            debug?: boolean;
            /** @description test and plan, change nothing */
            dry_run?: boolean;
            /**
             * @description host and port of its API; empty: its address, at the port of WHM
             * @example web1.example.org:2087
             */
            endpoint?: string;
            /**
             * @description present: only zones that it has already are written; empty: all
             * @enum {string}
             */
            only?: "" | "present";
            /** @description keep the settings without a test; the member is pending until it passes one */
            pending?: boolean;
            /** @description SHA-256 of the certificate that its API must show; empty: of the one that it shows next */
            pin?: string;
            /**
             * Format: int32
             * @description DNS port
             * @example 53
             */
            port?: number;
            /** @description where the member transfers from, as it sees them (NAT) */
            primaries?: components["schemas"]["Primary"][];
            /** @description other members of its pools transfer from it as well, after this node */
            primary?: boolean;
            /**
             * @description report: what was changed or deleted there is only reported; empty: put right
             * @enum {string}
             */
            repair?: "" | "report";
            /** @description ask it to add this node as a member of its own, also anew; false: take that token back */
            reverse_trust?: boolean;
            /**
             * Format: ip
             * @description where rndc is spoken, if not at the DNS address
             */
            rndc_address?: string;
            /**
             * Format: int32
             * @example 953
             */
            rndc_port?: number;
            /** @enum {string} */
            role?: "write-only" | "synchronize" | "standalone";
            /** @description those that are missing or empty stay as they are */
            secrets?: components["schemas"]["MemberSecrets"];
            /** @description those of its driver's own that change; an empty one is taken away */
            settings?: {
                [key: string]: string;
            };
            /** @description who Skein signs in as, where the driver has users */
            username?: string;
            /** @description BIND view */
            view?: string;
        };
        EditPool: {
            mname?: string;
            nameservers: components["schemas"]["PoolNameserver"][];
            rname?: string;
            /** @enum {string} */
            rule: "keep" | "add" | "replace";
        };
        EditTenant: {
            /** @description it may have a pool and members of its own */
            clustering?: boolean;
            /** @description where its zones are served; as its parent's if empty. Its zones move in the background */
            pool?: string;
        };
        EditUser: {
            /** @description it cannot sign in */
            disabled?: boolean;
            /** @enum {string} */
            role?: "root" | "reseller" | "customer" | "read-only";
        };
        ErrorDocument: {
            /** @description If-Match did not match */
            changed_meanwhile?: boolean;
            /** @description the password is right, and a one-time code has to come with it */
            code_needed?: boolean;
            /**
             * @description what went wrong and why, for people
             * @example the zone example.com. belongs to plesk1
             */
            detail: string;
            /**
             * @description for programs: invalid, unknown, forbidden, not-found, conflict, unavailable, timeout or internal
             * @example conflict
             */
            kind: string;
            /** @description what to do about it */
            mend?: string;
            /** @description single findings */
            problems?: components["schemas"]["Problem"][] | null;
            /** @description the receipt so far, when a wait timed out */
            receipt?: components["schemas"]["Receipt"];
            /** @description to be found in the server's log */
            request_id?: string;
            /**
             * Format: int64
             * @example 409
             */
            status: number;
            /**
             * @description of the HTTP status
             * @example Conflict
             */
            title: string;
            /**
             * Format: uri-reference
             * @example about:blank
             */
            type: string;
            /**
             * Format: int64
             * @description number of the change that was kept for a person to decide: see /waiting
             */
            waiting?: number;
        };
        Health: {
            /** @example ok */
            status: string;
            version: string;
        };
        ImportMember: {
            /** @description say what would become of each, change nothing */
            dry_run?: boolean;
            /** @description tenant that gets them; your own if not set */
            owner?: string;
            /** @description on the member, those that are here and there alike become Skein's */
            take_over?: boolean;
            /** @description of the member; all that it lists if none is named */
            zones?: string[] | null;
        };
        Login: {
            /** @description the one-time code, where the user has an authenticator */
            code?: string;
            /** @description for browsers: the secret comes as a cookie that no script can read, and not in the answer */
            cookie?: boolean;
            password: string;
            /** @example anna */
            user: string;
        };
        Lookup: {
            /** @description one of each member */
            answers: components["schemas"]["LookupAnswer"][];
            name: string;
            type: string;
            /** @description the nearest zone that the name is in */
            zone: string;
        };
        LookupAnswer: {
            /** @description records as lines of a zone file */
            answer?: string[];
            authoritative?: boolean;
            /** @description the records beside an answer that has none: a SOA, or to whom it refers */
            authority?: string[];
            /** @description the response code as it came, such as NXDOMAIN */
            code?: string;
            member: string;
            /** @description how the server that answered names itself (RFC 5001), if it does: which instance of an anycast address it was */
            nsid?: string;
            /** @enum {string} */
            outcome: "answers" | "no-data" | "no-name" | "referral" | "fails" | "silent" | "not-asked";
            /** @description why there is no answer */
            reason?: string;
            /**
             * Format: int64
             * @description nanoseconds
             */
            took?: number;
        };
        Me: {
            actor: components["schemas"]["Actor"];
            /** @description what a token is limited to */
            scope?: components["schemas"]["Scope"];
            /** @description missing for a token */
            user?: components["schemas"]["User"];
        };
        Member: {
            /**
             * Format: ip
             * @description where it answers DNS
             */
            address?: string;
            /** @description of the rndc and TSIG keys: hmac-sha256, … */
            algorithm: string;
            /** @description name of the key that Skein may transfer from it with */
            audit_key?: string;
            /** Format: date-time */
            created: string;
            /** @description every transaction with it is logged */
            debug?: boolean;
            /** Format: date-time */
            disabled_at?: string;
            disabled_by?: string;
            /** @description of the failure threshold: the failure that crossed it */
            disabled_why?: string;
            /** @description bind, … */
            driver: string;
            /** @description host and port of its API, for drivers that speak to one */
            endpoint?: string;
            name: string;
            /** @description present: only zones that it has already are written; all if not set */
            only?: string;
            /** @description members that it transfers from after its primaries; these come and go by themselves */
            other_primaries?: components["schemas"]["MemberPrimary"][];
            /** @description SHA-256 of the certificate that its API must show, as SHA256:…; of one that no authority vouches for */
            pin?: string;
            /** @description whose zones it serves; default if not set */
            pool: string;
            /**
             * Format: int32
             * @description DNS port
             */
            port: number;
            /** @description where the member transfers from, as it sees them (NAT) */
            primaries: components["schemas"]["Primary"][] | null;
            /** @description other members of its pools transfer from it as well, after their primaries */
            primary?: boolean;
            /** @description report: what was changed or deleted there is only reported; put right if not set */
            repair?: string;
            /** @description it was given a token to change zones here */
            reverse_trust?: boolean;
            /**
             * Format: ip
             * @description where rndc is spoken; the DNS address if not set
             */
            rndc_address?: string;
            /** Format: int32 */
            rndc_port?: number;
            role: string;
            /** @description of its driver's own */
            settings?: {
                [key: string]: string;
            };
            /** @description other pools whose zones it serves too */
            shares?: components["schemas"]["Share"][];
            state: string;
            /** @description what was observed; not kept in the store */
            status?: components["schemas"]["MemberStatus"];
            /** @description name of the key that signs its transfers */
            tsig_key: string;
            /** @description that Skein signs in with there, for drivers that have one */
            username?: string;
            /**
             * Format: int64
             * @description grows by one with each change; also the ETag
             */
            version: number;
            /** @description BIND view; _default if not set */
            view?: string;
        };
        MemberAudit: {
            /**
             * Format: int64
             * @description zones, in the round that is under way
             */
            compared: number;
            /**
             * Format: int64
             * @description zones that had other contents under our serial, since the node started
             */
            found: number;
            /** @description why the last one could not be transferred from it */
            refused?: string;
            /**
             * Format: date-time
             * @description when the last round over all of them ended, since the node started
             */
            round?: string;
        };
        MemberList: {
            members: components["schemas"]["Member"][];
        };
        MemberPlan: {
            /** Format: int64 */
            add: number;
            /**
             * Format: int64
             * @description newer there than Skein ever published: left alone
             */
            ahead?: number;
            /** @description of a dry run: what the change is sent with, to say that this was seen */
            confirm?: string;
            /** Format: int64 */
            delete: number;
            /** @description the first of each kind */
            examples?: components["schemas"]["PlanStep"][];
            /**
             * Format: int64
             * @description there, and not Skein's: left alone
             */
            foreign: number;
            /**
             * Format: int64
             * @description as wanted but for records that the member cannot hold
             */
            lacks?: number;
            /**
             * Format: int64
             * @description not there, and not added: only zones that it has are written
             */
            left?: number;
            member: string;
            /** Format: int64 */
            replace: number;
            /** Format: int64 */
            same: number;
            /**
             * Format: int64
             * @description that could not be looked at
             */
            unknown?: number;
            /**
             * Format: int64
             * @description wanted on it
             */
            zones: number;
        };
        MemberPrimary: {
            /** Format: ip */
            address: string;
            /** @description name of the key that signs these transfers */
            key: string;
            member: string;
            /** Format: int32 */
            port: number;
        };
        MemberRemoval: {
            dry_run?: boolean;
            /**
             * Format: int64
             * @description of those, that stay there
             */
            left?: number;
            /**
             * Format: int64
             * @description zones deleted on the member
             */
            removed: number;
            /**
             * Format: int64
             * @description of Skein's that were on it
             */
            zones: number;
        };
        MemberResult: {
            checks?: components["schemas"]["Check"][];
            /** @description to paste into the member's own configuration; holds secrets */
            config?: string;
            dry_run?: boolean;
            member: components["schemas"]["Member"];
            /** @description what writing to it does, or would do */
            plan?: components["schemas"]["MemberPlan"];
        };
        MemberSecrets: {
            audit?: string;
            certificate?: string;
            private_key?: string;
            rndc?: string;
            server?: string;
            token?: string;
            tsig?: string;
        };
        MemberStatus: {
            /**
             * Format: int64
             * @description deleted there, and only reported
             */
            absent?: number;
            /**
             * Format: int64
             * @description newer there than Skein ever published
             */
            ahead?: number;
            /** @description how far whole contents were compared; missing where they cannot be */
            audit?: components["schemas"]["MemberAudit"];
            /**
             * Format: int64
             * @description not in step with what is wanted
             */
            behind: number;
            /**
             * Format: date-time
             * @description since when what is on its way to it for longest is
             */
            behind_since?: string;
            /**
             * Format: int64
             * @description of the stale: with other contents, or others' changes
             */
            differs?: number;
            /** @description operations that failed since the node started, by kind: away (it could not be reached), denied, silent (no answer over DNS), zone (of a single one) and other */
            errors?: {
                [key: string]: number;
            };
            /**
             * Format: date-time
             * @description when the first of these expires there
             */
            expires?: string;
            /** @description which one that is */
            expires_zone?: string;
            /**
             * Format: int64
             * @description zones whose primary has not answered it for long: it will stop answering for them
             */
            expiring?: number;
            /**
             * Format: int64
             * @description failed or foreign
             */
            failed: number;
            /**
             * Format: int64
             * @description in a row
             */
            failures: number;
            /**
             * Format: int64
             * @description of the failed: zones of the name that are not Skein's
             */
            foreign?: number;
            last_error?: string;
            /** Format: date-time */
            last_seen?: string;
            /** @description how fast it answered over DNS on average, by minute of the last hour, the oldest first; 0 where it was asked nothing */
            latencies?: number[];
            /** Format: int64 */
            latency?: number;
            /** @description how what answers at its address named itself in the last hour (NSID, RFC 5001): several names are several servers behind one anycast address */
            nsids?: string[];
            /**
             * Format: int64
             * @description pending or told
             */
            pending: number;
            reachable: boolean;
            /** Format: int64 */
            stale: number;
            /**
             * Format: int64
             * @description zones that it has in all, its own and others' too, where it tells
             */
            there?: number;
            /**
             * Format: int64
             * @description nobody looks whether they are in step: the member is disabled, or pending
             */
            unknown?: number;
            /** Format: int64 */
            verified: number;
            version?: string;
            /**
             * Format: int64
             * @description wanted on it
             */
            zones: number;
        };
        MemberZone: {
            member: string;
            reason?: string;
            /**
             * Format: int32
             * @description last seen
             */
            serial?: number;
            state: string;
            /** Format: date-time */
            told?: string;
            /**
             * Format: date-time
             * @description when it was seen serving the wanted serial
             */
            verified?: string;
        };
        NewMember: {
            /**
             * Format: ip
             * @description where it answers DNS
             * @example 192.0.2.53
             */
            address?: string;
            /**
             * @description of the rndc and TSIG keys
             * @example hmac-sha256
             */
            algorithm?: string;
            /** @description write down everything that is said to it and what it answers */
            debug?: boolean;
            /**
             * @description bind if not set
             * @example bind
             */
            driver?: string;
            /**
             * @description host and port of its API, for drivers that speak to one; its address, at the port of WHM, if not set
             * @example web1.example.org:2087
             */
            endpoint?: string;
            /** @example ns2.example.net */
            name: string;
            /**
             * @description present: only zones that it has already are written; all if not set
             * @enum {string}
             */
            only?: "present";
            /** @description store without a test */
            pending?: boolean;
            /** @description SHA-256 of the certificate that its API must show; if not set that of the first one, where no authority vouches for it */
            pin?: string;
            /** @description whose zones it serves; yours if not set */
            pool?: string;
            /**
             * Format: int32
             * @description DNS port; 53 if not set
             * @example 53
             */
            port?: number;
            /** @description where the member transfers from, as it sees them (NAT); this node if not set */
            primaries?: components["schemas"]["Primary"][];
            /** @description other members of its pools transfer from it as well, after this node */
            primary?: boolean;
            /**
             * @description report: what was changed or deleted there is only reported; put right if not set
             * @enum {string}
             */
            repair?: "report";
            /** @description ask it to add this node as a member of its own, once it has passed its test */
            reverse_trust?: boolean;
            /**
             * Format: ip
             * @description where rndc is spoken, if not at the DNS address
             */
            rndc_address?: string;
            /**
             * Format: int32
             * @description 953 if not set
             * @example 953
             */
            rndc_port?: number;
            /**
             * @description write-only for bind
             * @enum {string}
             */
            role?: "write-only" | "synchronize" | "standalone";
            /** @description made up where missing */
            secrets?: components["schemas"]["MemberSecrets"];
            /** @description of its driver's own; listDrivers has them */
            settings?: {
                [key: string]: string;
            };
            /** @description how the configuration block is to be printed */
            style?: components["schemas"]["ConfigStyle"];
            /** @description who Skein signs in as, where the driver has users */
            username?: string;
            /** @description BIND view */
            view?: string;
        };
        NewPool: {
            /**
             * @description a reseller's own pool has the reseller's name, also if not set
             * @example north
             */
            name?: string;
            /** @description whose pool it is; the caller's if not set */
            tenant?: string;
        };
        NewSession: {
            /** @description shown this once; to be sent as a bearer token. Missing where it came as a cookie */
            secret?: string;
            session: components["schemas"]["Session"];
            user: components["schemas"]["User"];
        };
        NewSource: {
            /**
             * @description the way in; api if not set, and never changed afterwards
             * @enum {string}
             */
            door?: "api" | "plesk" | "rndc" | "whm" | "transfer";
            /**
             * @description of the plesk door: push, or transfer
             * @enum {string}
             */
            mode?: "push" | "transfer";
            /**
             * @description what tokens, and zones as their origin, name
             * @example plesk-1
             */
            name: string;
            /**
             * @description where it may come from; anywhere if none
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            networks?: string[];
            /** @description everything from it is refused */
            paused?: boolean;
            /** @description keys that are not given stay as they are */
            secrets?: components["schemas"]["SourceSecrets"];
            /**
             * Format: int64
             * @description nanoseconds after which it is alarming not to have heard of it; never if 0
             */
            silence?: number;
            /** @description who owns its zones; that of the caller if not set */
            tenant?: string;
            /** @description of the transfer door, and of the plesk door in mode transfer */
            transfer?: components["schemas"]["TransferSetup"];
        };
        NewTenant: {
            /** @description it may have a pool and members of its own */
            clustering?: boolean;
            /**
             * @description reseller if not set; below a reseller it is a customer
             * @enum {string}
             */
            kind?: "reseller" | "customer";
            /**
             * @description also the source of the zones that its people put in
             * @example north-hosting
             */
            name: string;
            /** @description the tenant above it; the caller's if not set */
            parent?: string;
            /** @description where its zones are served; as its parent's if not set */
            pool?: string;
        };
        NewToken: {
            /** Format: date-time */
            expires?: string;
            id: string;
            name: string;
            /** @description shown this once */
            secret: string;
        };
        NewTransferZone: {
            /** @example example.com. */
            name: string;
            /** @description the source's if none */
            primaries?: components["schemas"]["TransferPrimary"][];
            /** @example ns-old */
            source: string;
        };
        NewUser: {
            /** @example anna */
            name: string;
            /** @description 12 characters at least */
            password: string;
            /**
             * @description the one of its tenant's kind, or read-only
             * @enum {string}
             */
            role: "root" | "reseller" | "customer" | "read-only";
            /** @description the caller's if not set */
            tenant?: string;
        };
        NoticeTrial: {
            /** @description it took the trial */
            ok: boolean;
            /** @description name of the target, as in the file of notices */
            target: string;
            /** @description why it did not */
            text?: string;
        };
        NoticeTrialList: {
            trials: components["schemas"]["NoticeTrial"][];
        };
        Overlay: {
            /** @description the overlay is that there is no such RRset */
            absent?: boolean;
            data?: string[];
            /** @description the origin's own RRset beneath */
            hidden?: components["schemas"]["RecordSet"];
            name: string;
            /** @description whose it is */
            source: string;
            /** Format: int32 */
            ttl?: number;
            type: string;
        };
        OverlayList: {
            overlays: components["schemas"]["Overlay"][];
        };
        PlanStep: {
            /** @enum {string} */
            action: "add" | "replace" | "delete" | "leave";
            /**
             * Format: int32
             * @description the published serial
             */
            ours?: number;
            reason?: string;
            /**
             * Format: int32
             * @description the serial there
             */
            theirs?: number;
            zone: string;
        };
        Pool: {
            /** Format: date-time */
            changed?: string;
            /** @description who serves its zones; not kept with it */
            members: string[];
            /** @description primary nameserver in the SOA of zones; the zone's own if not set */
            mname?: string;
            /** @description tenants whose zones come into it, or did last */
            moves?: components["schemas"]["PoolMove"][];
            name: string;
            /** @description the names that zones are to show as their nameservers */
            nameservers: components["schemas"]["PoolNameserver"][];
            /** @description of the last change of the set, on its way to the zones */
            progress?: components["schemas"]["PoolProgress"];
            /** @description mailbox in the SOA of zones, written as a name; the zone's own if not set */
            rname?: string;
            /** @enum {string} */
            rule: "keep" | "add" | "replace";
            /** @description whose it is; root's if not set */
            tenant?: string;
            /**
             * Format: int64
             * @description grows by one with each change; also the ETag
             */
            version: number;
            /** @description what is wrong with the set, as far as can be seen */
            warnings?: components["schemas"]["Problem"][];
        };
        PoolList: {
            pools: components["schemas"]["Pool"][];
        };
        PoolMove: {
            progress: components["schemas"]["PoolProgress"];
            tenant: string;
        };
        PoolNameserver: {
            /** @description that it must have; any if none */
            addresses?: string[];
            /** @example ns1.example.net. */
            name: string;
        };
        PoolProgress: {
            /** Format: date-time */
            began: string;
            /**
             * Format: int64
             * @description of those
             */
            changed: number;
            /**
             * Format: int64
             * @description that were looked at
             */
            done: number;
            /** Format: date-time */
            ended?: string;
            /**
             * Format: int64
             * @description of those: they keep what they have until they change or the pool is edited again
             */
            failed?: number;
            /** @description the last failure */
            last?: string;
            /**
             * Format: int64
             * @description that there are
             */
            zones: number;
        };
        Primary: {
            /** Format: ip */
            address: string;
            /** Format: int32 */
            port: number;
        };
        Problem: {
            /**
             * Format: int64
             * @description line of the input, 0 if none
             */
            line?: number;
            /** @description owner name or subject */
            name?: string;
            text: string;
            /** @description accepted, but worth a look */
            warning?: boolean;
        };
        Propagation: {
            /** @description of the last hour */
            hour: components["schemas"]["Spread"];
            /** @description of its minutes, the oldest first; those in which nothing arrived are left out */
            minutes: components["schemas"]["SpreadMinute"][];
        };
        PutTemplate: {
            /** @description whose it is to be; the caller's if missing */
            tenant?: string;
            /** @description a zone file with variables */
            text: string;
        };
        PutZone: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /** @description zone file text (RFC 1035); either this or records. $INCLUDE is refused */
            file?: string;
            /** @description every RRset of the zone, the SOA among them */
            records?: components["schemas"]["RecordSet"][];
            /** @description normalise and warn, as for panels and transfers, where the strict profile of editors would refuse */
            tolerant?: boolean;
        };
        Receipt: {
            /** @description every member that counts was seen serving it */
            complete: boolean;
            deleted?: boolean;
            members: components["schemas"]["MemberZone"][] | null;
            /** Format: int64 */
            revision: number;
            /** Format: int32 */
            serial: number;
            zone: string;
        };
        RecordEdit: {
            /**
             * @description one string a record, as in a zone file
             * @example [
             *       "192.0.2.10"
             *     ]
             */
            data?: string[];
            /**
             * @description owner name, absolute
             * @example www.example.com.
             */
            name: string;
            /**
             * @description set: the RRset becomes exactly this; add: these records come; delete: these records go, without data the whole RRset, without a type every RRset of the name
             * @example set
             * @enum {string}
             */
            op: "set" | "add" | "delete";
            /**
             * Format: int32
             * @description seconds; if missing that of the RRset as it is, else the zone's SOA minimum
             * @example 300
             */
            ttl?: number;
            /**
             * @description mnemonic or TYPEn; may be missing to delete all of a name
             * @example A
             */
            type?: string;
        };
        RecordList: {
            /** @description cursor of the next part; missing at the end */
            next?: string;
            records: components["schemas"]["RecordSet"][];
            zone: components["schemas"]["Zone"];
        };
        RecordSet: {
            /**
             * @description one string a record, as in a zone file; names in it are absolute or relative to the zone
             * @example [
             *       "192.0.2.10",
             *       "192.0.2.11"
             *     ]
             */
            data: string[];
            /**
             * @description owner name, absolute (the final dot may be missing), Unicode or A-labels
             * @example www.example.com.
             */
            name: string;
            /** @description whose overlay it is; missing for what the zone's origin put in */
            readonly source?: string;
            /**
             * Format: int32
             * @description seconds
             * @example 3600
             */
            ttl: number;
            /**
             * @description mnemonic or TYPEn (RFC 3597)
             * @example A
             */
            type: string;
        };
        ResetZone: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /**
             * Format: ip
             * @description %ip%; that of the zone itself as it is, if missing
             * @example 192.0.2.10
             */
            ip?: string;
            /**
             * Format: ip
             * @description %ipv6%; that of the zone itself as it is, if missing
             * @example 2001:db8::10
             */
            ipv6?: string;
            /**
             * @description standard if missing
             * @example standard
             */
            template?: string;
            /**
             * @description of further variables, by their names
             * @example {
             *       "maildomain": "mail.example.net"
             *     }
             */
            values?: {
                [key: string]: string;
            };
        };
        RestoreBody: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /**
             * Format: int64
             * @description a revision of the zone's history, also of an earlier life
             * @example 17
             */
            to: number;
        };
        Revert: {
            dry_run?: boolean;
            /** @description send it again to go on with a revert that was interrupted */
            id: string;
            /** @description there are more steps than are listed */
            more?: boolean;
            /** Format: date-time */
            since: string;
            source: string;
            steps: components["schemas"]["RevertStep"][];
        };
        RevertBody: {
            /** @description make the plan, change nothing */
            dry_run?: boolean;
            /** @description of the plan that a dry run gave: what was done of it already is not done again */
            id?: string;
            /**
             * Format: date-time
             * @description what the source changed at this time or later
             */
            since: string;
        };
        RevertStep: {
            /** @enum {string} */
            action: "restore" | "delete" | "undelete" | "leave";
            done?: boolean;
            /** @description why it was left alone, or failed */
            reason?: string;
            /**
             * Format: int64
             * @description the revision that it goes back to
             */
            to?: number;
            zone: string;
        };
        RuleList: {
            rules: components["schemas"]["SourceRule"][];
        };
        Scope: {
            /** @description of a panel's token: as a server of the cluster it sees all zones of its tenant, and may make itself a member that is read */
            cluster?: boolean;
            /**
             * @description where it may be used from; anywhere if none
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            networks?: string[];
            /** @description all of the role if none */
            permissions?: ("zones" | "records" | "sources" | "clustering" | "access")[];
            /**
             * @description names, or *.example.com. for all below one; all zones if none
             * @example [
             *       "example.com."
             *     ]
             */
            zones?: string[];
        };
        ServiceDomains: {
            /** @enum {string} */
            action: "add" | "remove";
            /** @description next of the part before */
            cursor?: string;
            /**
             * @description this zone alone
             * @example example.com.
             */
            domain?: string;
            /** @description say what would change, change nothing */
            dry_run?: boolean;
            /** @description as if Autodiscover were on */
            force_autodiscover?: boolean;
            /** @description do nothing unless service domains are on */
            if_enabled?: boolean;
            /**
             * Format: int64
             * @description zones to look at; 100 if missing
             */
            limit?: number;
            /** @description the host of Autodiscover until now: records that name it are replaced or taken away as ours */
            old_autodiscover_host?: string;
            /** @description put the records of Autodiscover in the place of others that are there */
            replace?: boolean;
            /**
             * @description this service alone
             * @example webmail
             */
            subdomain?: string;
            /** @description the zones of this tenant alone; all that the caller sees if neither is given */
            tenant?: string;
        };
        ServiceDomainsResult: {
            /** @description cursor to go on from; missing at the end */
            next?: string;
            /** @description those that changed, and those that could not be */
            zones: components["schemas"]["ServiceDomainsZone"][];
        };
        ServiceDomainsZone: {
            changed: boolean;
            delta: components["schemas"]["DeltaBody"];
            /** @description why nothing was changed */
            refused?: string;
            warnings?: components["schemas"]["Problem"][];
            zone: string;
        };
        Session: {
            /** @description where it was begun from */
            address?: string;
            /** @description the program that it was begun with */
            agent?: string;
            /** Format: date-time */
            created: string;
            /**
             * Format: date-time
             * @description however much it is used
             */
            expires: string;
            id: string;
            /**
             * Format: date-time
             * @description when it was last used
             */
            seen: string;
            user: string;
        };
        SessionList: {
            sessions: components["schemas"]["Session"][];
        };
        SetPassword: {
            new: string;
            /** @description needed for one's own */
            old?: string;
        };
        Share: {
            pool: string;
            /** @enum {string} */
            role: "write-only" | "synchronize" | "standalone";
        };
        ShareMember: {
            /**
             * @description in that pool; that of the member if not set
             * @enum {string}
             */
            role?: "write-only" | "synchronize" | "standalone";
        };
        Source: {
            /** Format: date-time */
            created: string;
            /** @description the way in: api, plesk, rndc, whm, transfer or, of what a member had, member */
            door: string;
            /** @description of the plesk door: push, or transfer */
            mode?: string;
            /** @description what tokens, and zones as their origin, name */
            name: string;
            /** @description where it may come from; anywhere if none */
            networks?: string[];
            /** @description everything from it is refused */
            paused?: boolean;
            /**
             * Format: int64
             * @description nanoseconds after which it is alarming not to have heard of it; never if 0
             */
            silence?: number;
            /** @description what was observed; not kept in the store */
            status?: components["schemas"]["SourceStatus"];
            /** @description who owns its zones; root if not set */
            tenant?: string;
            /** @description of the transfer door, and of the plesk door in mode transfer */
            transfer?: components["schemas"]["TransferSetup"];
        };
        SourceList: {
            sources: components["schemas"]["Source"][];
        };
        SourceRemoval: {
            /**
             * @description what becomes of its zones
             * @enum {string}
             */
            choice?: "keep" | "hand-over" | "recycle";
            dry_run?: boolean;
            /** @description the first of its zones */
            examples?: string[];
            name: string;
            /**
             * Format: int64
             * @description RRsets of it in zones of others
             */
            overlays: number;
            /** Format: int64 */
            rules: number;
            /** @description who gets them */
            to?: string;
            /** Format: int64 */
            tokens: number;
            /**
             * Format: int64
             * @description zones that it asks to be transferred
             */
            transfer_zones: number;
            /**
             * Format: int64
             * @description its changes that wait
             */
            waiting: number;
            /** Format: int64 */
            zones: number;
        };
        SourceRule: {
            /** Format: date-time */
            at?: string;
            /** @description who made the rule */
            by?: string;
            /** @description the source that the zones belong to */
            from: string;
            /** @enum {string} */
            kind: "takeover" | "overlay";
            /** @description the source that may */
            to: string;
        };
        SourceSecrets: {
            keys?: components["schemas"]["TransferKey"][];
        };
        SourceStatus: {
            /** @description its catalogs, as they are followed */
            catalogs?: components["schemas"]["TransferStatus"][];
            /**
             * Format: date-time
             * @description when it last said anything
             */
            heard?: string;
            /** @description not heard for longer than its silence alarm */
            silent?: boolean;
            /**
             * Format: int64
             * @description its changes that wait for a person
             */
            waiting?: number;
            /**
             * Format: int64
             * @description that belong to it
             */
            zones: number;
        };
        Spread: {
            /**
             * Format: int64
             * @description half of them took no longer, in nanoseconds
             */
            p50: number;
            /**
             * Format: int64
             * @description all but one percent took no longer
             */
            p99: number;
            /**
             * Format: int64
             * @description arrivals: a change on three members is three
             */
            seen: number;
        };
        SpreadMinute: {
            /**
             * Format: date-time
             * @description when it began
             */
            at: string;
            spread: components["schemas"]["Spread"];
        };
        Status: {
            /** @description whether you are an administrator */
            admin: boolean;
            /** @description what holds for all members; for administrators */
            cluster?: components["schemas"]["ClusterSettings"];
            /** @description members by state */
            member_states: {
                [key: string]: number;
            };
            members: components["schemas"]["Member"][];
            /** @description how long changes of the last hour took until members were seen with them; for administrators */
            propagation?: components["schemas"]["Propagation"];
            /**
             * Format: int64
             * @description of the newest change
             */
            revision: number;
            version: string;
            /** @description who asks, as Skein sees it */
            you: components["schemas"]["Actor"];
            /** Format: int64 */
            zones: number;
        };
        SyncJob: {
            /** @description the zone that was looked at last */
            at?: string;
            /** Format: date-time */
            began: string;
            by: string;
            /** Format: int64 */
            conflicts: number;
            /** Format: int64 */
            created: number;
            /**
             * Format: int64
             * @description that were looked at
             */
            done: number;
            /** Format: date-time */
            ended?: string;
            /** Format: int64 */
            failed: number;
            /** @description missing of a dry run */
            id?: string;
            /** @description the last failure */
            last?: string;
            /** Format: int64 */
            replaced: number;
            request: components["schemas"]["SyncRequest"];
            /** Format: int64 */
            same: number;
            /** @enum {string} */
            state: "running" | "done" | "cancelled" | "failed";
            /** @description of a dry run, the first of them; else the first that failed */
            steps?: components["schemas"]["SyncStep"][];
            /** Format: int64 */
            told: number;
            /**
             * Format: int64
             * @description zones that are looked at
             */
            total: number;
        };
        SyncList: {
            jobs: components["schemas"]["SyncJob"][];
        };
        SyncRequest: {
            /** @description say what would be done, change nothing */
            dry_run?: boolean;
            /** @description put ours above a newer copy there */
            force_overwrite?: boolean;
            /** @description members whose newer copies are taken in */
            from?: string[];
            /** @description members that are brought in step; this cluster if neither to nor from is given */
            to?: string[];
            /** @description all members that are written */
            to_all?: boolean;
            /** @description zones too that are not configured here */
            unconfigured?: boolean;
            /** @description all zones if missing */
            zone?: string;
        };
        SyncStep: {
            /** @enum {string} */
            action: "create" | "replace" | "tell" | "conflict" | "same" | "leave" | "failed";
            member: string;
            /** Format: int32 */
            ours?: number;
            reason?: string;
            /** Format: int32 */
            theirs?: number;
            zone: string;
        };
        TOTPCode: {
            /** @example 123456 */
            code: string;
        };
        TOTPSetup: {
            /** @description base32; shown this once */
            secret: string;
            /** @description the same as an otpauth URL, which authenticators read as a QR code */
            url: string;
        };
        TakeoverBody: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /**
             * @description the source that the zone belongs to from now on
             * @example plesk-2
             */
            to: string;
        };
        TaskResult: {
            command: string;
            /** @description applied, unchanged, waiting (for a person), forgotten (by the panel), ignored or refused */
            outcome: string;
            problems?: components["schemas"]["Problem"][] | null;
            /** Format: int64 */
            revision?: number;
            /** @description zone or address */
            subject: string;
            text?: string;
            /**
             * Format: int64
             * @description the number under which the change waits for a person
             */
            waiting?: number;
        };
        Template: {
            /** @description it comes with Skein; one of the same name takes its place */
            builtin?: boolean;
            /** Format: date-time */
            changed?: string;
            /** @example standard */
            name: string;
            /** @description whose it is: a reseller's is for the zones of that reseller and of its customers, and wins there; root's is for all. Missing for those that come with Skein */
            tenant?: string;
            /** @description a zone file with variables */
            text: string;
            /**
             * Format: int64
             * @description grows by one with each change; also the ETag
             */
            version: number;
            /** @description what is worth a look in it, by line; not kept with it */
            warnings?: components["schemas"]["Problem"][];
        };
        TemplateCheck: {
            /** @description no errors; there may be warnings */
            ok: boolean;
            problems: components["schemas"]["Problem"][];
        };
        TemplateList: {
            templates: components["schemas"]["Template"][];
        };
        TemplateZone: {
            /** @description check and say what would change, commit nothing */
            dry_run?: boolean;
            /**
             * Format: ip
             * @description %ip%
             * @example 192.0.2.10
             */
            ip?: string;
            /**
             * Format: ip
             * @description %ipv6%
             * @example 2001:db8::10
             */
            ipv6?: string;
            /**
             * @description absolute name, Unicode or A-labels
             * @example example.com.
             */
            name: string;
            /** @description tenant whose zone it is to be; the caller's if missing */
            owner?: string;
            /**
             * @description standard if missing
             * @example standard
             */
            template?: string;
            /**
             * @description of further variables, by their names; they win over those that Skein knows
             * @example {
             *       "maildomain": "mail.example.net"
             *     }
             */
            values?: {
                [key: string]: string;
            };
        };
        Tenant: {
            /** @description it may have a pool and members of its own */
            clustering?: boolean;
            /** Format: date-time */
            created?: string;
            /** @enum {string} */
            kind: "root" | "reseller" | "customer";
            name: string;
            /** @description the tenant above it */
            parent?: string;
            /** @description where its zones are served; as its parent's if not set */
            pool?: string;
            /**
             * Format: int64
             * @description grows by one with each change; also the ETag
             */
            version: number;
            /**
             * Format: int64
             * @description that it owns; not kept in the store
             */
            zones: number;
        };
        TenantList: {
            tenants: components["schemas"]["Tenant"][];
        };
        Token: {
            admin: boolean;
            /** Format: date-time */
            created?: string;
            /** Format: date-time */
            expires?: string;
            /**
             * @description whose form the secret has; missing for Skein's own
             * @enum {string}
             */
            form?: "whm" | "access-hash";
            id: string;
            /** @description the user who made it; a token with a role ends with that user */
            maker?: string;
            name: string;
            /**
             * @description missing for a panel's token, which acts for its source alone
             * @enum {string}
             */
            role?: "root" | "reseller" | "customer" | "read-only";
            /** @description what it is limited to */
            scope?: components["schemas"]["Scope"];
            /** @description zones put in with it belong to this source */
            source: string;
            /** @description whose token it is; root if not set */
            tenant?: string;
        };
        TokenList: {
            tokens: components["schemas"]["Token"][];
        };
        Trace: {
            /** @description what is wrong on the way */
            faults: components["schemas"]["TraceFault"][];
            /** @description from the root down; the last one is of the zone itself, if the way leads there */
            steps: components["schemas"]["TraceStep"][];
            zone: string;
        };
        TraceFault: {
            /** @description what to do about it */
            mend: string;
            text: string;
            /** @description resolvers find the zone all the same */
            warning?: boolean;
            /** @description of the step where it shows */
            zone: string;
        };
        TraceServer: {
            /** Format: ip */
            address?: string;
            /** @description the response code as it came, such as REFUSED */
            code?: string;
            /** @description the address came with the delegation */
            glue?: boolean;
            name: string;
            /** @description the NS records of its answer */
            nameservers?: string[];
            /** @enum {string} */
            outcome: "answers" | "refers" | "no-name" | "lame" | "silent" | "not-asked";
            /** @description why it says nothing, or nothing of use */
            reason?: string;
            /**
             * Format: int64
             * @description nanoseconds
             */
            took?: number;
        };
        TraceStep: {
            /** @description those that the zone below is delegated to; in the last step those that the zone names itself */
            nameservers?: string[];
            /** @description the zone below that they refer to */
            refers?: string;
            /** @description one of each address */
            servers: components["schemas"]["TraceServer"][];
            /**
             * Format: int64
             * @description addresses that were not asked as well: above the zone a few are enough
             */
            unasked?: number;
            /** @description whose nameservers were asked */
            zone: string;
        };
        TransferKey: {
            /** @example hmac-sha256 */
            algorithm: string;
            name: string;
            /** @description base64, as in key files */
            secret: string;
        };
        TransferPrimary: {
            /** @example 192.0.2.1:53 */
            address: string;
            /** @description name of the TSIG key */
            key?: string;
            /** @description SHA-256 of the certificate's public key (SPKI), in base64: trusted instead of any authority */
            pin?: string;
            /** @description the name that its certificate must have, or opportunistic; plain TCP if not set */
            tls?: string;
        };
        TransferSetup: {
            /** @description PEM of who signs the certificates of the primaries; the system's authorities if not set */
            authority?: string;
            /** @description autosecondary: its NOTIFY of an unknown zone creates the zone */
            auto?: boolean;
            /** @description catalog zones (RFC 9432) whose members it has */
            catalogs?: string[];
            /** @description in the order in which they are asked */
            primaries: components["schemas"]["TransferPrimary"][];
        };
        TransferStatus: {
            /**
             * Format: date-time
             * @description when a primary last said that it is current
             */
            confirmed?: string;
            /** @description it answers SERVFAIL until a primary confirms it */
            expired?: boolean;
            /**
             * Format: date-time
             * @description when it is served no more, unless a primary confirms it
             */
            expires?: string;
            name: string;
            /** @description of the last attempt */
            problem?: string;
            /**
             * Format: date-time
             * @description when a primary is asked next; missing while none is
             */
            refreshes?: string;
            /**
             * Format: int32
             * @description of what was taken last; missing if nothing ever was
             */
            serial?: number;
            /**
             * Format: date-time
             * @description when that came
             */
            since?: string;
            source: string;
        };
        TransferZone: {
            /** Format: date-time */
            at?: string;
            /** @description the catalog that lists it */
            catalog?: string;
            /** @description that the catalog puts it into (RFC 9432 section 4.3.2) */
            group?: string;
            /** @description the file name of addzone, or the id of the catalog's member */
            label?: string;
            name: string;
            /** @description the source's if none */
            primaries?: components["schemas"]["TransferPrimary"][];
            source: string;
            /** @description what was observed; not kept in the store */
            status?: components["schemas"]["TransferStatus"];
        };
        TransferZoneList: {
            /** @description cursor of the next part; missing at the end */
            next?: string;
            zones: components["schemas"]["TransferZone"][];
        };
        TransferZoneResult: {
            /** @description false: it was asked for already */
            created: boolean;
            zone: components["schemas"]["TransferZone"];
        };
        UndeleteBody: {
            /** @description check and say what would come back, commit nothing */
            dry_run?: boolean;
        };
        User: {
            /** Format: date-time */
            created?: string;
            disabled?: boolean;
            /** Format: date-time */
            last_login?: string;
            name: string;
            /** @enum {string} */
            role: "root" | "reseller" | "customer" | "read-only";
            tenant: string;
            /** @description a one-time code is asked for too */
            totp: boolean;
            /**
             * Format: int64
             * @description grows by one with each change; also the ETag
             */
            version: number;
        };
        UserList: {
            users: components["schemas"]["User"][];
        };
        Waiting: {
            /** @description zone.replace, record.set, zone.delete, … */
            action: string;
            actor: components["schemas"]["Actor"];
            /** Format: date-time */
            at: string;
            /** Format: int64 */
            id: number;
            /** @enum {string} */
            kind: "hold" | "conflict" | "approval";
            mend?: string;
            reason: string;
            /**
             * Format: int64
             * @description that the change brings
             */
            records?: number;
            /**
             * Format: int64
             * @description of the zone then; missing if it was to be new
             */
            revision?: number;
            /**
             * Format: int32
             * @description that the change brings
             */
            serial?: number;
            /** @description whose change it is */
            source: string;
            zone: string;
            /** @description of the zone as it was then; missing if it was to be new */
            zone_id?: string;
        };
        WaitingDetail: {
            /** @description zone.replace, record.set, zone.delete, … */
            action: string;
            actor: components["schemas"]["Actor"];
            /** Format: date-time */
            at: string;
            delta: components["schemas"]["DeltaBody"];
            /** @description of a change of single RRsets */
            edits?: components["schemas"]["RecordEdit"][];
            /** Format: int64 */
            id: number;
            /** @enum {string} */
            kind: "hold" | "conflict" | "approval";
            mend?: string;
            /** @description what the zone holds */
            now: components["schemas"]["RecordSet"][];
            reason: string;
            /**
             * Format: int64
             * @description that the change brings
             */
            records?: number;
            /**
             * Format: int64
             * @description of the zone then; missing if it was to be new
             */
            revision?: number;
            /**
             * Format: int32
             * @description that the change brings
             */
            serial?: number;
            /** @description whose change it is */
            source: string;
            /** @description what it would hold */
            then: components["schemas"]["RecordSet"][];
            zone: string;
            /** @description of the zone as it was then; missing if it was to be new */
            zone_id?: string;
        };
        WaitingFilter: {
            /** @description all kinds if none */
            kinds?: ("hold" | "conflict" | "approval")[];
            /** @description only of this source */
            source?: string;
            /** @description only of this zone */
            zone?: string;
        };
        WaitingList: {
            /** @description cursor of the next part; missing at the end */
            next?: string;
            waiting: components["schemas"]["Waiting"][];
        };
        WaitingResult: {
            /** Format: int64 */
            done: number;
            /** @description what could not be done, by zone; it goes on waiting */
            failed?: components["schemas"]["Problem"][];
        };
        Zone: {
            /** Format: date-time */
            changed: string;
            /** Format: date-time */
            created: string;
            deleted?: boolean;
            id: string;
            name: string;
            /** @description name of the source that the zone belongs to */
            origin: string;
            /** @description the source that it belonged to before */
            origin_before?: string;
            /**
             * Format: date-time
             * @description since when it belongs to that source
             */
            origin_since?: string;
            /** @description tenant */
            owner: string;
            pool: string;
            /** @description the pool that it was in before */
            pool_before?: string;
            /**
             * Format: int64
             * @description revision of the last change of what is served; a takeover is none
             */
            published: number;
            /** Format: int64 */
            records: number;
            /**
             * Format: int64
             * @description of the last change; also the ETag
             */
            revision: number;
            /**
             * Format: int32
             * @description the published serial
             */
            serial: number;
            serial_policy?: string;
            /** @description what was observed of its transfers, where one zone is shown that is transferred in */
            transfer?: components["schemas"]["TransferStatus"];
        };
        ZoneDetail: {
            /** Format: date-time */
            changed: string;
            /** Format: date-time */
            created: string;
            deleted?: boolean;
            id: string;
            name: string;
            /** @description name of the source that the zone belongs to */
            origin: string;
            /** @description the source that it belonged to before */
            origin_before?: string;
            /**
             * Format: date-time
             * @description since when it belongs to that source
             */
            origin_since?: string;
            /** @description tenant */
            owner: string;
            pool: string;
            /** @description the pool that it was in before */
            pool_before?: string;
            /**
             * Format: int64
             * @description revision of the last change of what is served; a takeover is none
             */
            published: number;
            receipt: components["schemas"]["Receipt"];
            /** Format: int64 */
            records: number;
            /**
             * Format: int64
             * @description of the last change; also the ETag
             */
            revision: number;
            /**
             * Format: int32
             * @description the published serial
             */
            serial: number;
            serial_policy?: string;
            /** @description what was observed of its transfers, where one zone is shown that is transferred in */
            transfer?: components["schemas"]["TransferStatus"];
            /** @description the name for people, where it is not the same */
            unicode?: string;
        };
        ZoneList: {
            /** @description cursor of the next part; missing at the end */
            next?: string;
            zones: components["schemas"]["Zone"][];
        };
        ZoneResult: {
            /** @description send the change again with this id, and it is not applied twice */
            change_id?: string;
            /** @description false: the zone was like that already, and nothing was committed */
            changed: boolean;
            created?: boolean;
            delta: components["schemas"]["DeltaBody"];
            /** @description nothing was committed because so asked */
            dry_run?: boolean;
            /** @description why it was not seen on as many members as were waited for; the change is made all the same */
            late?: string;
            /** @description where it has arrived, if that was waited for */
            receipt?: components["schemas"]["Receipt"];
            warnings?: components["schemas"]["Problem"][] | null;
            zone: components["schemas"]["Zone"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
};
export type $defs = Record<string, never>;
export interface operations {
    "list-audit": {
        parameters: {
            query?: {
                /** @description next of the part before */
                cursor?: string;
                limit?: number;
                /** @description only of this zone, across its lives */
                zone?: string;
                /** @description only of this user or token */
                actor?: string;
                /** @description only of the users, tokens and panels of this tenant */
                tenant?: string;
                /** @description only in the name of this source */
                source?: string;
                /** @description at this time or later */
                since?: string;
                /** @description before this time */
                until?: string;
                /** @description only what was refused, or only what was done */
                refused?: "true" | "false";
                /** @description what has come to the log since the entry of this number, the oldest first; -1: from its first. To go on, give the number of the last one */
                after?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditList"];
                };
            };
        };
    };
    "audit-diff": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description number of the entry */
                seq: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditDiff"];
                };
            };
        };
    };
    claim: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
        };
    };
    "get-cluster": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterSettings"];
                };
            };
        };
    };
    "edit-cluster": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditCluster"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterSettings"];
                };
            };
        };
    };
    "disable-clustering": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterSettings"];
                };
            };
        };
    };
    "enable-clustering": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterSettings"];
                };
            };
        };
    };
    "push-plesk": {
        parameters: {
            query?: never;
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DoorReport"];
                };
            };
        };
    };
    "list-drivers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DriverList"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: {
                /** @description revision of the last event that was seen */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
        };
    };
    "get-health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    lookup: {
        parameters: {
            query: {
                /** @description Unicode or A-labels; the final dot may be missing */
                name: string;
                /** @description mnemonic or TYPEn */
                type?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lookup"];
                };
            };
        };
    };
    "get-me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
        };
    };
    "confirm-totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TOTPCode"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "begin-totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TOTPSetup"];
                };
            };
        };
    };
    "list-members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
        };
    };
    "add-member": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMember"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    "get-member": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    "remove-member": {
        parameters: {
            query?: {
                /** @description first delete the zones that Skein put on it */
                clean?: boolean;
                /** @description say what would become of its zones, change nothing */
                dry_run?: boolean;
            };
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberRemoval"];
                };
            };
        };
    };
    "edit-member": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditMember"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    "get-member-config": {
        parameters: {
            query?: {
                /** @description the server's working directory, which it may write to */
                directory?: string;
                /** @description it has an options statement already: print what goes into that one apart */
                merge?: boolean;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    "disable-member": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    "enable-member": {
        parameters: {
            query?: {
                /** @description of its plan, to say that this was seen: where that has one, it is needed */
                confirm?: string;
            };
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    "import-member": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportMember"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    "get-member-log": {
        parameters: {
            query?: {
                /** @description go on with what is written from now on */
                follow?: boolean;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
        };
    };
    "observe-member": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
        };
    };
    "get-member-plan": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberPlan"];
                };
            };
        };
    };
    "replace-member": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditMember"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    "test-member": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    "configure-member": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMember"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    "get-metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    "try-notices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NoticeTrialList"];
                };
            };
        };
    };
    "list-pools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PoolList"];
                };
            };
        };
    };
    "create-pool": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPool"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pool"];
                };
            };
        };
    };
    "get-pool": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pool"];
                };
            };
        };
    };
    "edit-pool": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditPool"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pool"];
                };
            };
        };
    };
    "delete-pool": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "share-member": {
        parameters: {
            query?: {
                /** @description say what would be written to it, change nothing */
                dry_run?: boolean;
            };
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
                member: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ShareMember"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    "unshare-member": {
        parameters: {
            query?: {
                /** @description say what would be written to it, change nothing */
                dry_run?: boolean;
            };
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
                member: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberResult"];
                };
            };
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Login"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewSession"];
                };
            };
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "list-source-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleList"];
                };
            };
        };
    };
    "put-source-rule": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "takeover" | "overlay";
                /** @description the source that the zones belong to */
                from: string;
                /** @description the source that may */
                to: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "delete-source-rule": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                kind: "takeover" | "overlay";
                /** @description the source that the zones belong to */
                from: string;
                /** @description the source that may */
                to: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "list-sources": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceList"];
                };
            };
        };
    };
    "add-source": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSource"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
        };
    };
    "get-source": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
        };
    };
    "edit-source": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that the source must have: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSource"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Source"];
                };
            };
        };
    };
    "remove-source": {
        parameters: {
            query?: {
                /** @description what becomes of its zones: they stay without it, go to another source, or are deleted and can be brought back; may be missing if it has none */
                zones?: "keep" | "hand-over" | "recycle";
                /** @description who gets them, with hand-over */
                to?: string;
                /** @description say what would go, remove nothing */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SourceRemoval"];
                };
            };
        };
    };
    "revert-source": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevertBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Revert"];
                };
            };
        };
    };
    "get-status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
        };
    };
    "list-syncs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncList"];
                };
            };
        };
    };
    "start-sync": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SyncRequest"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncJob"];
                };
            };
        };
    };
    "get-sync": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncJob"];
                };
            };
        };
    };
    "cancel-sync": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncJob"];
                };
            };
        };
    };
    "list-templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateList"];
                };
            };
        };
    };
    "get-template": {
        parameters: {
            query?: {
                /** @description whose template */
                tenant?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
        };
    };
    "put-template": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutTemplate"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
        };
    };
    "delete-template": {
        parameters: {
            query?: {
                /** @description whose template */
                tenant?: string;
            };
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "check-template": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckTemplate"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateCheck"];
                };
            };
        };
    };
    "list-tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TenantList"];
                };
            };
        };
    };
    "add-tenant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTenant"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    "get-tenant": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    "remove-tenant": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "edit-tenant": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditTenant"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
        };
    };
    "list-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenList"];
                };
            };
        };
    };
    "create-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateToken"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewToken"];
                };
            };
        };
    };
    "delete-token": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "list-transfer-zones": {
        parameters: {
            query?: {
                /** @description next of the part before */
                cursor?: string;
                limit?: number;
                /** @description only those of this source */
                source?: string;
                /** @description only the members of this catalog of the source */
                catalog?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferZoneList"];
                };
            };
        };
    };
    "add-transfer-zone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTransferZone"];
            };
        };
        responses: {
            /** @description The source asked for it already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferZoneResult"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferZoneResult"];
                };
            };
        };
    };
    "get-transfer-zone": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferZone"];
                };
            };
        };
    };
    "change-transfer-zone": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTransferZone"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TransferZone"];
                };
            };
        };
    };
    "delete-transfer-zone": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "list-users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
        };
    };
    "add-user": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUser"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    "get-user": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    "remove-user": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "edit-user": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that it must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditUser"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
        };
    };
    "set-password": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetPassword"];
            };
        };
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "list-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
        };
    };
    "end-session": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "drop-totp": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "list-waiting": {
        parameters: {
            query?: {
                /** @description next of the part before */
                cursor?: string;
                limit?: number;
                /** @description only these kinds */
                kind?: ("hold" | "conflict" | "approval")[] | null;
                /** @description only of this zone */
                zone?: string;
                /** @description only of this source */
                source?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingList"];
                };
            };
        };
    };
    "get-waiting": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description its number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingDetail"];
                };
            };
        };
    };
    "discard-waiting": {
        parameters: {
            query?: never;
            header?: {
                /** @description the ETag that was looked at: 412 if a newer change has taken its place */
                "If-Match"?: string;
            };
            path: {
                /** @description its number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "release-waiting": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description the ETag that was looked at: 412 if a newer change has taken its place */
                "If-Match"?: string;
            };
            path: {
                /** @description its number */
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "discard-all-waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WaitingFilter"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingResult"];
                };
            };
        };
    };
    "release-all-waiting": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WaitingFilter"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingResult"];
                };
            };
        };
    };
    "list-zones": {
        parameters: {
            query?: {
                /** @description next of the part before */
                cursor?: string;
                limit?: number;
                /** @description zones to leave out first, to look into the midst of a long list */
                skip?: number;
                /** @description part of the name */
                contains?: string;
                /** @description tenant */
                owner?: string;
                /** @description source */
                origin?: string;
                /** @description that serves them */
                pool?: string;
                /** @description that is to have them */
                member?: string;
                /** @description on that member, or on any; behind is all of the others. Of a member that catches up, those that it has come to. */
                state?: "absent" | "pending" | "told" | "stale" | "differs" | "foreign" | "failed" | "behind";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneList"];
                };
            };
        };
    };
    "create-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateZone"];
            };
        };
        responses: {
            /** @description A dry run: nothing was created */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "get-zone": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneDetail"];
                };
            };
        };
    };
    "put-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PutZone"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "delete-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "assign-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AssignZone"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "diff-zone": {
        parameters: {
            query?: {
                /** @description revision to compare from; the newest if missing */
                from?: number;
                /** @description revision to compare to; the newest if missing */
                to?: number;
                /** @description compare what is published with what this member serves */
                member?: string;
            };
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeltaBody"];
                };
            };
        };
    };
    "diff-zone-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/dns": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeltaBody"];
                };
            };
        };
    };
    "export-zone": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/dns": string;
                };
            };
        };
    };
    "import-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
                /** @description normalise and warn where the strict profile of editors would refuse */
                tolerant?: boolean;
                /** @description check and say what would change, commit nothing */
                dry_run?: boolean;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/dns": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "zone-history": {
        parameters: {
            query?: {
                limit?: number;
            };
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangeList"];
                };
            };
        };
    };
    "list-overlays": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverlayList"];
                };
            };
        };
    };
    "drop-overlay": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
                /** @description say what would change, commit nothing */
                dry_run?: boolean;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
                /** @description owner name, absolute */
                owner: string;
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "adopt-overlay": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
                /** @description say what would change, commit nothing */
                dry_run?: boolean;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
                /** @description owner name, absolute */
                owner: string;
                type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "get-receipt": {
        parameters: {
            query?: {
                /** @description of the change; the newest if missing */
                revision?: number;
            };
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
        };
    };
    "list-records": {
        parameters: {
            query?: {
                /** @description next of the part before */
                cursor?: string;
                limit?: number;
                /** @description part of the owner name */
                contains?: string;
            };
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordList"];
                };
            };
        };
    };
    "edit-records": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EditBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "reset-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ResetZone"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "restore-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "take-over-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
                /** @description the ETag that the zone must have, or * for any: 412 if it has changed */
                "If-Match"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeoverBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "trace-zone": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Trace"];
                };
            };
        };
    };
    "undelete-zone": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UndeleteBody"];
            };
        };
        responses: {
            /** @description A dry run: nothing was created */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
    "get-version": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
                revision: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/dns": string;
                };
            };
        };
    };
    "wait-zone": {
        parameters: {
            query?: {
                /** @description this one or a later one; the newest if missing */
                revision?: number;
                /** @description all, majority or a number of members */
                for?: string;
                /** @description at most 10m */
                timeout?: string;
            };
            header?: never;
            path: {
                /** @description the zone's name, Unicode or A-labels; the final dot may be missing */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Receipt"];
                };
            };
        };
    };
    "check-zone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CheckZone"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckResult"];
                };
            };
        };
    };
    "list-deleted-zones": {
        parameters: {
            query?: {
                /** @description next of the part before */
                cursor?: string;
                limit?: number;
                /** @description part of the name */
                contains?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletedList"];
                };
            };
        };
    };
    "service-domains": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceDomains"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceDomainsResult"];
                };
            };
        };
    };
    "create-zone-from-template": {
        parameters: {
            query?: {
                /** @description answer when so many members were seen serving the change: all, majority or a number; at once if missing */
                wait?: string;
                /** @description how long wait takes at most, up to 10m */
                timeout?: string;
            };
            header?: {
                /** @description a change sent again with the same id is not applied twice; one is made up if missing */
                "Skein-Change-Id"?: string;
                /** @description another name of Skein-Change-Id */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateZone"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ZoneResult"];
                };
            };
        };
    };
}
