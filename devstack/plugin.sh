#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ephyrad's devstack plugin, which stack.sh, unstack.sh and clean.sh source with a mode and a phase:
# https://docs.openstack.org/devstack/latest/plugins.html
#
# All that it does not define itself is devstack's. Its variables stand in settings.

function _ephyrad_iniset {
    iniset "$EPHYRAD_CONF_FILE" "$1" "$2" "$3"
}

# Say where a user of Keystone is found, in one group of options.
# _ephyrad_write_login GROUP AUTH_URL USERNAME PASSWORD USER_DOMAIN_NAME
function _ephyrad_write_login {
    local group=$1
    _ephyrad_iniset "$group" auth_type password
    _ephyrad_iniset "$group" auth_url "$2"
    _ephyrad_iniset "$group" username "$3"
    _ephyrad_iniset "$group" password "$4"
    _ephyrad_iniset "$group" user_domain_name "$5"
}

# Ironic shows all nodes to a system-scoped token only; Nova, placement and Glance want another.
# _ephyrad_write_logins CLOUD AUTH_URL USERNAME PASSWORD USER_DOMAIN_NAME PROJECT PROJECT_DOMAIN_NAME
function _ephyrad_write_logins {
    local cloud=$1 project=$6 project_domain=$7
    shift
    _ephyrad_write_login "${cloud}_cloud" "${@:1:4}"
    _ephyrad_iniset "${cloud}_cloud" system_scope all
    _ephyrad_write_login "${cloud}_cloud_project" "${@:1:4}"
    _ephyrad_iniset "${cloud}_cloud_project" project_name "$project"
    _ephyrad_iniset "${cloud}_cloud_project" project_domain_name "$project_domain"
}

# Listen to a cloud, where it is said how.
# _ephyrad_write_bus CLOUD TRANSPORT_URL
function _ephyrad_write_bus {
    local group=${1}_cloud service
    [[ -z "$2" ]] && return 0
    _ephyrad_iniset "$group" transport_url "$2"
    for service in ironic nova glance; do
        _ephyrad_iniset "$group" "${service}_topics" "$EPHYRAD_TOPIC"
    done
}

function check_ephyrad {
    if [[ -z "$EPHYRAD_NEW_AUTH_URL" ]]; then
        die $LINENO "ephyrad carries nodes to another cloud: set EPHYRAD_NEW_AUTH_URL in local.conf"
    fi
    if ! is_service_enabled ir-api; then
        die $LINENO "ephyrad needs Ironic: enable the plugin ironic in local.conf, before ephyrad"
    fi
}

function install_ephyrad {
    setup_develop "$EPHYRAD_DIR"
}

function create_ephyrad_accounts {
    create_service_user "$EPHYRAD_USERNAME" admin
    get_or_add_user_system_role admin "$EPHYRAD_USERNAME" all "$SERVICE_DOMAIN_NAME"
}

# Have the services of this devstack send their notifications to ephyrad as well. They are not
# started yet: Ironic is in the phase extra, the others just before it.
function configure_ephyrad_notifications {
    local ironic_conf=${IRONIC_CONF_FILE:-/etc/ironic/ironic.conf}
    iniset "$ironic_conf" DEFAULT notification_level info
    iniset "$ironic_conf" DEFAULT versioned_notifications_topics \
        "ironic_versioned_notifications,$EPHYRAD_TOPIC"
    iniset "$ironic_conf" oslo_messaging_notifications driver messagingv2
    iniset "$ironic_conf" oslo_messaging_notifications transport_url "$(get_notification_url)"

    # The files of Nova's cells and of nova-compute are copied from this one when they are started.
    if is_service_enabled nova; then
        iniset "$NOVA_CONF" notifications notification_format both
        iniset "$NOVA_CONF" notifications versioned_notifications_topics \
            "versioned_notifications,$EPHYRAD_TOPIC"
        iniset "$NOVA_CONF" oslo_messaging_notifications driver messagingv2
    fi

    if is_service_enabled glance; then
        iniset "$GLANCE_API_CONF" oslo_messaging_notifications driver messagingv2
        iniset "$GLANCE_API_CONF" oslo_messaging_notifications topics \
            "notifications,$EPHYRAD_TOPIC"
    fi
}

# Ironic reads the policy again by itself.
function configure_ephyrad_policy {
    local policy=${IRONIC_CONF_DIR:-/etc/ironic}/policy.yaml
    if [[ "$EPHYRAD_SHOW_PASSWORDS" == "True" ]] && ! grep -q '^"show_password"' "$policy" 2>/dev/null; then
        echo '"show_password": "role:admin"' >> "$policy"
    fi
}

function configure_ephyrad {
    sudo install -d -o "$STACK_USER" -m 0750 "$EPHYRAD_CONF_DIR"
    sudo install -d -o "$STACK_USER" -m 0700 "$EPHYRAD_STATE_DIR"
    # It has passwords in it.
    install -m 0600 /dev/null "$EPHYRAD_CONF_FILE"

    _ephyrad_iniset DEFAULT debug "$EPHYRAD_DEBUG"
    _ephyrad_iniset DEFAULT state_dir "$EPHYRAD_STATE_DIR"

    _ephyrad_write_logins old "$KEYSTONE_SERVICE_URI" "$EPHYRAD_USERNAME" "$SERVICE_PASSWORD" \
        "$SERVICE_DOMAIN_NAME" "$SERVICE_PROJECT_NAME" "$SERVICE_DOMAIN_NAME"
    _ephyrad_iniset old_cloud region_name "$REGION_NAME"
    if is_service_enabled tls-proxy; then
        _ephyrad_iniset old_cloud cafile "$SSL_BUNDLE_FILE"
    fi
    _ephyrad_write_bus old "$(get_notification_url)"
    if ! is_service_enabled nova; then
        _ephyrad_iniset old_cloud compute none
    fi

    _ephyrad_write_logins new "$EPHYRAD_NEW_AUTH_URL" "$EPHYRAD_NEW_USERNAME" \
        "$EPHYRAD_NEW_PASSWORD" "$EPHYRAD_NEW_USER_DOMAIN_NAME" "$EPHYRAD_NEW_PROJECT_NAME" \
        "$EPHYRAD_NEW_PROJECT_DOMAIN_NAME"
    _ephyrad_iniset new_cloud region_name "$EPHYRAD_NEW_REGION_NAME"
    if [[ -n "$EPHYRAD_NEW_CAFILE" ]]; then
        _ephyrad_iniset new_cloud cafile "$EPHYRAD_NEW_CAFILE"
    fi
    _ephyrad_write_bus new "$EPHYRAD_NEW_TRANSPORT_URL"

    if [[ -n "$EPHYRAD_KINDS" ]]; then
        _ephyrad_iniset environment kinds "$EPHYRAD_KINDS"
    fi
    if [[ -n "$EPHYRAD_MAPPING_FILE" ]]; then
        _ephyrad_iniset migration mapping_file "$EPHYRAD_MAPPING_FILE"
    fi
}

function start_ephyrad {
    run_process ephyrad "$(get_python_exec_prefix)/ephyrad --config-file $EPHYRAD_CONF_FILE"
}

function stop_ephyrad {
    stop_process ephyrad
}

function cleanup_ephyrad {
    sudo rm -rf "$EPHYRAD_STATE_DIR" "$EPHYRAD_CONF_DIR"
}

if is_service_enabled ephyrad; then
    case "$1/$2" in
        stack/pre-install)
            check_ephyrad
            ;;
        stack/install)
            echo_summary "Installing ephyrad"
            install_ephyrad
            ;;
        stack/post-config)
            echo_summary "Configuring ephyrad"
            create_ephyrad_accounts
            configure_ephyrad_notifications
            configure_ephyrad_policy
            configure_ephyrad
            ;;
        stack/extra)
            echo_summary "Starting ephyrad"
            start_ephyrad
            ;;
        unstack/*)
            stop_ephyrad
            ;;
        clean/*)
            cleanup_ephyrad
            ;;
    esac
fi
