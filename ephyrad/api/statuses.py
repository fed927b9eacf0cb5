# SPDX-License-Identifier: Apache-2.0
"""The HTTP status of each complaint."""

from http import HTTPStatus

from ephyrad.engine.answers import Complaint

STATUS = {
    Complaint.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Complaint.CONFLICT: HTTPStatus.CONFLICT,
    Complaint.INVALID: HTTPStatus.BAD_REQUEST,
    Complaint.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Complaint.UNAUTHORIZED: HTTPStatus.UNAUTHORIZED,
    Complaint.FORBIDDEN: HTTPStatus.FORBIDDEN,
}
