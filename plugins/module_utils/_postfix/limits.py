# Copyright (c) 2026, Mail Lab developers
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Between which numbers a parameter of Postfix stays: its programs die of others.

They are the same in all of Postfix 3.5 to 3.11. Source: the tables of types CONFIG_INT_TABLE,
CONFIG_NINT_TABLE, CONFIG_LONG_TABLE and CONFIG_TIME_TABLE in all of its programs, and
check_mail_conf_int() in src/global/mail_conf_int.c, to which a limit of 0 is none.
"""

from __future__ import annotations

LONGEST_INT, LONGEST_LONG = 2**31 - 1, 2**63 - 1

_AT_LEAST_ONE = """
address_verify_negative_expire_time address_verify_negative_refresh_time
address_verify_pending_request_limit address_verify_poll_count address_verify_poll_delay
address_verify_positive_expire_time address_verify_positive_refresh_time anvil_rate_time_unit
anvil_status_update_time application_event_drain_time berkeley_db_create_buffer_size
berkeley_db_read_buffer_size bounce_size_limit command_time_limit
connection_cache_protocol_timeout connection_cache_status_update_time
connection_cache_ttl_limit daemon_timeout debug_peer_level default_process_limit
default_recipient_refill_delay default_recipient_refill_limit deliver_lock_attempts
deliver_lock_delay fast_flush_purge_time fast_flush_refresh_time fork_attempts fork_delay
hash_queue_depth header_address_token_limit header_size_limit hopcount_limit
initial_destination_concurrency ipc_idle ipc_timeout ipc_ttl lmdb_map_size
lmtp_connection_cache_time_limit lmtp_connection_reuse_time_limit lmtp_data_done_timeout
lmtp_data_init_timeout lmtp_data_xfer_timeout lmtp_lhlo_timeout lmtp_mail_timeout
lmtp_min_data_rate lmtp_pix_workaround_delay_time lmtp_quit_timeout lmtp_rcpt_timeout
lmtp_rset_timeout lmtp_starttls_timeout lmtp_xforward_timeout max_idle max_use
maximal_backoff_time milter_command_timeout milter_connect_timeout milter_content_timeout
mime_boundary_length_limit mime_nesting_limit minimal_backoff_time postscreen_bare_newline_ttl
postscreen_cache_retention_time postscreen_command_count_limit postscreen_command_time_limit
postscreen_dnsbl_max_ttl postscreen_dnsbl_min_ttl postscreen_dnsbl_threshold
postscreen_dnsbl_timeout postscreen_greet_ttl postscreen_greet_wait
postscreen_non_smtp_command_ttl postscreen_pipelining_ttl postscreen_upstream_proxy_timeout
qmgr_daemon_timeout qmgr_ipc_timeout qmgr_message_active_limit qmgr_message_recipient_limit
qmgr_message_recipient_minimum qmqpd_timeout queue_file_attribute_count_limit queue_run_delay
service_throttle_time smtp_connection_cache_time_limit smtp_connection_reuse_time_limit
smtp_data_done_timeout smtp_data_init_timeout smtp_data_xfer_timeout smtp_helo_timeout
smtp_mail_timeout smtp_min_data_rate smtp_pix_workaround_delay_time smtp_quit_timeout
smtp_rcpt_timeout smtp_rset_timeout smtp_starttls_timeout smtp_xforward_timeout
smtpd_hard_error_limit smtpd_history_flush_threshold smtpd_junk_command_limit
smtpd_min_data_rate smtpd_policy_service_max_idle smtpd_policy_service_max_ttl
smtpd_policy_service_retry_delay smtpd_policy_service_timeout smtpd_policy_service_try_limit
smtpd_proxy_timeout smtpd_recipient_limit smtpd_recipient_overshoot_limit
smtpd_soft_error_limit smtpd_starttls_timeout smtpd_timeout smtpd_upstream_proxy_timeout
socketmap_max_reply_size stale_lock_time tls_daemon_random_bytes tls_random_bytes
tls_random_prng_update_period tls_random_reseed_period transport_retry_time trigger_timeout
virtual_alias_address_length_limit virtual_alias_expansion_limit virtual_alias_recursion_limit
virtual_minimum_uid
"""
AT_LEAST_ONE = frozenset(_AT_LEAST_ONE.split())
"""Numbers and times, in seconds, that cannot be 0."""

BETWEEN: dict[str, tuple[int, int]] = {
    "delay_logging_resolution_limit": (-LONGEST_INT, 6),
    "in_flow_delay": (-LONGEST_INT, 10),
    "smtpd_client_ipv4_prefix_length": (-LONGEST_INT, 32),
    "default_delivery_slot_discount": (-LONGEST_INT, 100),
    "smtpd_client_ipv6_prefix_length": (-LONGEST_INT, 128),
    "bounce_queue_lifetime": (-LONGEST_INT, 8640000),
    "lmtp_tls_session_cache_timeout": (-LONGEST_INT, 8640000),
    "maximal_queue_lifetime": (-LONGEST_INT, 8640000),
    "smtp_tls_session_cache_timeout": (-LONGEST_INT, 8640000),
    "smtpd_tls_session_cache_timeout": (-LONGEST_INT, 8640000),
    "postscreen_post_queue_limit": (5, LONGEST_INT),
    "postlogd_watchdog_timeout": (10, LONGEST_INT),
    "postscreen_pre_queue_limit": (10, LONGEST_INT),
    "postscreen_watchdog_timeout": (10, LONGEST_INT),
    "tlsproxy_watchdog_timeout": (10, LONGEST_INT),
    "qmgr_fudge_factor": (10, 100),
    "unverified_recipient_defer_code": (200, 499),
    "unverified_sender_defer_code": (200, 499),
    "unverified_recipient_reject_code": (200, 599),
    "unverified_sender_reject_code": (200, 599),
    "smtpd_forbid_bare_newline_reject_code": (500, 599),
    "line_length_limit": (512, LONGEST_INT),
    "smtpd_sasl_response_limit": (12288, LONGEST_INT),
}
"""Those that have other limits; no lower one is told by a 0."""

LONG = frozenset(
    {
        "lmdb_map_size",
        "mailbox_size_limit",
        "message_size_limit",
        "queue_minfree",
        "virtual_mailbox_limit",
    }
)
"""Numbers of 64 bits; all others, and times, have 32."""

OF_SERVICES = {
    "_delivery_slot_discount": "default_delivery_slot_discount",
    "_initial_destination_concurrency": "initial_destination_concurrency",
    "_recipient_refill_delay": "default_recipient_refill_delay",
    "_recipient_refill_limit": "default_recipient_refill_limit",
    "_time_limit": "command_time_limit",
}
"""What follows the name of a service, and the parameter that has the same limits."""


def limits(name: str) -> tuple[int, int]:
    """Return the least and the largest number, or of seconds, that a parameter takes."""
    name = next((same for end, same in OF_SERVICES.items() if name.endswith(end)), name)
    least, most = BETWEEN.get(name, (-LONGEST_INT - 1, LONGEST_INT))
    return 1 if name in AT_LEAST_ONE else least, LONGEST_LONG if name in LONG else most
