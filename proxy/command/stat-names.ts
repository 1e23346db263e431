/**
 * The 91 statistics of a client session, in ODP's order (odp-sessions.md §2.4). All are 0 unless ODP reports statistics
 * to a metadb, which this proxy never does.
 */

const SIZES = ['100', '1K', '3K', '5K', '10K', '1M', 'inf'];
const SPEEDS = ['100', '1K', '10K', '100K', '1M', '10M', '100M'];

export const STAT_NAMES: readonly string[] = [
  ...names(`total_transaction_count total_user_transaction_count total_query_count total_client_request_reread_count
    total_server_response_reread_count client_request_total_size client_response_total_size server_request_total_size
    server_response_total_size total_transactions_time total_user_transactions_time total_client_request_read_time
    total_client_response_write_time total_client_request_analyze_time total_client_transaction_idle_time
    total_ok_packet_trim_time total_server_process_request_time total_server_response_read_time
    total_server_response_analyze_time total_send_saved_login_time total_send_all_session_vars_time
    total_send_use_database_time total_send_changed_session_vars_time total_send_changed_session_user_vars_time
    total_send_last_insert_id_time total_send_start_trans_time total_send_xa_start_time total_pl_lookup_time
    total_congestion_control_time total_server_connect_time client_requests client_large_requests
    client_internal_requests local_session_state_requests client_missing_pk_requests client_completed_requests
    client_connection_abort_count client_select_requests client_insert_requests client_update_requests
    client_delete_requests client_other_requests`),
  ...SIZES.map((size) => `request_size_${size}_count`),
  ...SIZES.map((size) => `response_size_${size}_count`),
  ...SPEEDS.map((speed) => `client_speed_bytes_per_sec_${speed}`),
  ...SPEEDS.map((speed) => `server_speed_bytes_per_sec_${speed}`),
  ...names(`server_connect_count server_connect_retries server_pl_lookup_count server_pl_lookup_retries
    broken_server_connections server_requests server_responses server_error_responses server_resultset_responses
    server_ok_responses server_other_responses send_saved_login_requests send_all_session_vars_requests
    send_use_database_requests send_changed_session_vars_requests send_changed_session_user_vars_requests
    send_last_insert_id_requests send_start_trans_requests send_xa_start_requests vip_to_tenant_cache_hit
    vip_to_tenant_cache_miss`),
];

function names(text: string): string[] {
  return text.split(/\s+/);
}
