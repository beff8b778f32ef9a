# Copyright 2026 The reconproof authors. SPDX-License-Identifier: Apache-2.0
# Cannot be stopped by a polite signal, nor can its children.
. ./honest.sh
trap '' TERM INT HUP QUIT TSTP
(linger) &
setsid sh -c '. ./honest.sh; trap "" TERM; linger' &
while :; do linger; done
